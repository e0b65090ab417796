"""The gates: what is frozen, and what has not run long enough."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from pipeline.description import Environment
from pipeline.description.freezes import Dates, Freeze, moment
from pipeline.overlays import Pin
from pipeline.promotion import Intent
from pipeline.promotion.gates import frozen, runs_since, unsoaked

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def pin(tag: str, digest: str = DIGEST) -> Pin:
    return Pin("r.example.com/stg-shop-api", tag, digest)


def test_a_frozen_environment_says_until_when_why_and_what_remains() -> None:
    window = Dates(moment("2026-11-23"), moment("2026-11-24T14:30"))
    target = Environment("prod", "stg", frozen=(Freeze(window, "Europe/Berlin", "the fair"),))
    assert frozen(target, NOW) == [
        "prod is frozen until 2026-11-24 14:30 Europe/Berlin (the fair): 1 h 30 min remain",
    ]
    assert frozen(target, NOW + timedelta(hours=2)) == []
    assert frozen(Environment("prod", "stg"), NOW) == []


def test_a_version_that_has_not_run_long_enough_says_what_remains() -> None:
    target = Environment("prod", "stg", soak=timedelta(hours=24))
    intent = Intent(cast("object", None), "v1.2.3", target, ())  # type: ignore[arg-type]
    assert unsoaked(intent, {"api": ago(24), "web": ago(100)}, NOW) == []
    assert unsoaked(intent, {"api": ago(3.75), "web": ago(100), "job": None, "new": ago(-1)}, NOW) == [
        "api: stg has run v1.2.3 since 2026-11-24 08:15 UTC: 20 h 15 min of 1 d remain",
        "job: stg does not run v1.2.3, which has to run there for 1 d first",
        "new: stg has run v1.2.3 since 2026-11-24 13:00 UTC: 1 d of 1 d remain",
    ]


@pytest.mark.parametrize(
    ("states", "since"),
    [
        ([], None),
        ([(9, None)], None),
        ([(9, pin("v1.2.2"))], None),
        ([(9, pin("v1.2.3"))], 9),
        ([(9, pin("v1.2.3")), (5, pin("v1.2.3"))], 9),  # something else of the overlay was edited
        ([(9, pin("v1.2.3")), (7, pin("v1.2.2")), (5, pin("v1.2.3"))], 5),  # it was away in between
        ([(9, pin("v1.2.3")), (7, None), (5, pin("v1.2.3"))], 5),
        ([(9, pin("v1.2.3", OTHER)), (5, pin("v1.2.3"))], 5),
        ([(9, pin("v1.2.3", "")), (5, pin("v1.2.3", ""))], 9),  # as an image updater pins
        ([(9, pin("v1.2.3")), (5, pin("v1.2.4"))], None),
    ],
)
def test_since_when_a_version_runs(states: list[tuple[int, Pin | None]], since: int | None) -> None:
    found = runs_since("v1.2.3", [(ago(hours), state) for hours, state in states])
    assert found == (ago(since) if since is not None else None)
