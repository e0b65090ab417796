"""Windows in which nothing is promoted: when one ends, in the wall clock of its zone."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.description.freezes import WEEKLY, Dates, Freeze, moment, weekly
from pipeline.description.keys import FREEZE_WEEKLY

BERLIN = "Europe/Berlin"
CHRISTMAS = Freeze(Dates(moment("2026-12-20"), moment("2027-01-02", end=True)), BERLIN, "holidays")
WEEKEND = Freeze(weekly("FREQ=WEEKLY;BYDAY=FR;BYHOUR=15;BYMINUTE=30", timedelta(hours=65)), BERLIN, "weekend")
NIGHTS = Freeze(weekly("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH;BYHOUR=20", timedelta(hours=10)), "UTC", "nights")
LONG = Freeze(weekly("FREQ=WEEKLY;BYDAY=SA,SU", timedelta(days=1)), "America/New_York", "weekend")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("freeze", "now", "end"),
    [
        (CHRISTMAS, "2026-12-19T22:59", None),
        (CHRISTMAS, "2026-12-19T23:00", "2027-01-02T23:00"),
        (CHRISTMAS, "2027-01-02T22:59", "2027-01-02T23:00"),
        (CHRISTMAS, "2027-01-02T23:00", None),
        (WEEKEND, "2026-11-27T14:29", None),  # a Friday; Berlin is an hour ahead
        (WEEKEND, "2026-11-27T14:30", "2026-11-30T07:30"),
        (WEEKEND, "2026-11-30T07:29", "2026-11-30T07:30"),
        (WEEKEND, "2026-11-30T07:30", None),
        (WEEKEND, "2026-10-24T12:00", "2026-10-26T07:30"),  # over the end of summer time: by the wall clock
        (NIGHTS, "2026-11-24T05:59", "2026-11-24T06:00"),
        (NIGHTS, "2026-11-24T06:00", None),
        (NIGHTS, "2026-11-27T20:00", None),  # a Friday
        (LONG, "2026-11-28T05:00", "2026-11-30T05:00"),  # two windows that touch are one
        (LONG, "2026-11-28T04:59", None),
    ],
)
def test_the_end_of_a_window(freeze: Freeze, now: str, end: str | None) -> None:
    found = freeze.until(at(now))
    assert (found.astimezone(UTC) if found else None) == (at(end) if end else None)


def test_every_day_for_a_day_ends_although_it_never_does() -> None:
    always = Freeze(weekly("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", timedelta(days=1)), "UTC", "for ever")
    assert always.until(at("2026-11-24T05:59"))


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=FR;BYHOUR=24", "BYDAY=FR",
     "FREQ=WEEKLY;BYDAY=FR;INTERVAL=2", "FREQ=WEEKLY;BYDAY=FR;BYHOUR=1;BYMINUTE=60", ""],
)  # fmt: skip
def test_a_rule_that_says_something_else_is_none(rule: str) -> None:
    assert not WEEKLY.fullmatch(rule)
    assert FREEZE_WEEKLY.form.pattern is WEEKLY
