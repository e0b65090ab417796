"""Lengths of time: as they are written, and as they are said."""

from datetime import timedelta

import pytest

from pipeline.surface import DURATION, duration, spoken


@pytest.mark.parametrize(
    ("text", "length"),
    [("90s", timedelta(seconds=90)), ("10m", timedelta(minutes=10)), ("24h", timedelta(days=1)), ("7d", timedelta(7))],
)
def test_a_length_is_read(text: str, length: timedelta) -> None:
    assert DURATION.fullmatch(text)
    assert duration(text) == length


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=1.2), "2 s"),
        (timedelta(seconds=61), "2 min"),
        (timedelta(hours=20, minutes=5), "20 h 5 min"),
        (timedelta(days=1, minutes=5), "1 d 5 min"),
        (timedelta(days=2, hours=3, minutes=5), "2 d 3 h"),
    ],
)
def test_a_length_is_said(length: timedelta, said: str) -> None:
    assert spoken(length) == said
