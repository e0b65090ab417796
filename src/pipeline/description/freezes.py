"""Windows in which nothing is promoted: by dates, or every week, in the wall clock of a time zone."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

# The part of RFC 5545's recurrence rules that says when in a week something begins.
WEEKLY = re.compile(
    r"FREQ=WEEKLY;BYDAY=((?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:MO|TU|WE|TH|FR|SA|SU)){0,6})"
    r"(?:;BYHOUR=([0-9]|1[0-9]|2[0-3]))?(?:;BYMINUTE=([0-9]|[1-5][0-9]))?"
)
MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2})?")

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Dates:
    """Once: from a moment to another, in the zone's wall clock."""

    begin: datetime
    end: datetime

    def end_of(self, now: datetime) -> datetime | None:
        """Return when the window ends that a moment is in; None if it is in none."""
        return self.end if self.begin <= now < self.end else None


@dataclass(frozen=True, slots=True)
class Weekly:
    """Every week: on some days at a time of day, for so long; a window that begins in another makes that longer."""

    days: tuple[int, ...]
    at: time
    length: timedelta

    def end_of(self, now: datetime) -> datetime | None:
        """Return when the windows end that a moment is in; None if it is in none."""
        end = None
        first = now.date() - self.length - timedelta(days=1)
        for number in range((self.length * 2).days + 10):
            day = first + timedelta(days=number)
            begin = datetime.combine(day, self.at)
            if day.weekday() in self.days and begin <= (end or now) < begin + self.length:
                end = begin + self.length
        return end


@dataclass(frozen=True, slots=True)
class Freeze:
    """When nothing is promoted, and why."""

    window: Dates | Weekly
    zone: str
    reason: str

    def until(self, now: datetime) -> datetime | None:
        """Return when the window ends that a moment is in, in its zone; None if it is in none."""
        zone = _zone(self.zone)
        end = self.window.end_of(now.astimezone(zone).replace(tzinfo=None))
        return end.replace(tzinfo=zone) if end else None


def moment(text: str, *, end: bool = False) -> datetime:
    """Read a date, or a date with a time of day; a date alone is its beginning, or as an end the day after's.

    Raises:
        ValueError: there is no such date or time.
    """
    found = datetime.fromisoformat(text)
    return found + timedelta(days=1) if end and "T" not in text else found


def weekly(rule: str, length: timedelta) -> Weekly:
    """Return the windows of a rule, which WEEKLY matches."""
    parts = dict(part.split("=") for part in rule.split(";"))
    days = tuple(sorted(_DAYS.index(day) for day in set(parts["BYDAY"].split(","))))
    return Weekly(days, time(int(parts.get("BYHOUR", 0)), int(parts.get("BYMINUTE", 0))), length)


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  it takes 10 ms, which only a freeze is worth

    return ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Tell whether a time zone is known."""
    try:
        _zone(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return False
    return True
