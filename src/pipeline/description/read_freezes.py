"""Read the windows of pipeline.yaml in which nothing is promoted."""

from datetime import datetime, timedelta

from pipeline.errors import shown
from pipeline.surface import duration

from . import keys
from .forms import Key, Text
from .freezes import Dates, Freeze, Weekly, is_zone, moment, weekly
from .places import Problems
from .yaml_document import Mapping


def read_freezes(sections: list[Mapping], problems: Problems) -> tuple[Freeze, ...]:
    """Return the windows; each is by dates, or by a weekly rule."""
    found = (_freeze(section, problems) for section in sections)
    return tuple(freeze for freeze in found if freeze)


def _freeze(section: Mapping, problems: Problems) -> Freeze | None:
    zone, reason = section.text(keys.FREEZE_ZONE), section.text(keys.FREEZE_REASON)
    if zone.value and not zone.wrong and not is_zone(zone.value):
        problems.add(zone.at, f"{shown(zone.value)} is no time zone: write one such as Europe/Berlin, or UTC")
    by_rule = section.has(keys.FREEZE_WEEKLY) or section.has(keys.FREEZE_FOR)
    for key in (keys.FREEZE_FROM, keys.FREEZE_UNTIL):
        if by_rule and section.has(key):
            problems.add(section.place(key), "does not go with weekly: keep the dates, or weekly and for")
    window = _weekly(section) if by_rule else _dates(section, problems)
    return Freeze(window, zone.value, reason.value) if window else None


def _weekly(section: Mapping) -> Weekly | None:
    rule = section.text(keys.FREEZE_WEEKLY, required=True)
    length = section.text(keys.FREEZE_FOR, required=True)
    if not rule.value or not length.value or rule.wrong or length.wrong:
        return None
    return weekly(rule.value, duration(length.value))


def _dates(section: Mapping, problems: Problems) -> Dates | None:
    begin = _moment(section, keys.FREEZE_FROM, problems, end=False)
    end = _moment(section, keys.FREEZE_UNTIL, problems, end=True)
    if begin and end and end <= begin:
        problems.add(section.place(keys.FREEZE_UNTIL), "is not after from: correct one of them")
    return Dates(begin, end) if begin and end else None


def _moment(section: Mapping, key: Key[Text], problems: Problems, *, end: bool) -> datetime | None:
    found = section.text(key, required=True)
    if not found.value or found.wrong:
        return None
    try:
        return moment(found.value, end=end)
    except (ValueError, OverflowError):
        problems.add(found.at, f"{shown(found.value)} is no date that there is: correct it")
        return None


def read_length(section: Mapping, key: Key[Text]) -> timedelta:
    """Return a length of time; none where there is none."""
    found = section.text(key)
    return duration(found.value) if found.value and not found.wrong else timedelta()
