"""Lengths of time as people write them: 90s, 10m, 24h, 7d."""

import re
from datetime import timedelta

DURATION = re.compile("[1-9][0-9]{0,4}[smhd]")

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


def duration(text: str) -> timedelta:
    """Return the length that a text says, which DURATION matches."""
    return int(text[:-1]) * _UNITS[text[-1]]


def spoken(length: timedelta) -> str:
    """Write a length for people, in its two largest units, rounded up to a minute where it has any."""
    seconds = max(0, -(-length // timedelta(seconds=1)))
    if seconds >= 60:
        seconds = -(-seconds // 60) * 60
    parts = []
    for name, unit in _UNITS.items():
        count, seconds = divmod(seconds, int(unit.total_seconds()))
        if count:
            parts.append(f"{count} {name if name != 'm' else 'min'}")
    return " ".join(parts[:2]) or "0 s"
