"""How an environment is delivered to: the four figures that DORA counts, of a period, from its deployments alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from pipeline.errors import InvalidInput

from .replay import Deployment

WEEK = timedelta(weeks=1)
WEEKS = 12  # in the chart
_MOST_DAYS = 3650
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Week:
    """How many promotions and rollbacks there were in seven days."""

    promotions: int
    rollbacks: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """Several lengths of time: how many, their median, and the longest."""

    count: int
    median: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """An environment's figures.

    `promotions` and `rollbacks` are of the period, of which `observed` is the part since the first of them all;
    `failed` is how many of those promotions were taken back. `untagged` are versions that have no release tag, and so
    no lead time. `weeks` are the last ones, the oldest first.
    """

    promotions: int
    rollbacks: int
    failed: int
    observed: timedelta
    lead: Lengths | None
    untagged: int
    restore: Lengths | None
    weeks: tuple[Week, ...]

    @property
    def weekly(self) -> float:
        """How many promotions there were in a week."""
        return self.promotions / (self.observed / WEEK)

    @property
    def failure_rate(self) -> float | None:
        """Which part of the promotions failed; None if there was none."""
        return self.failed / self.promotions if self.promotions else None


def period(days: int) -> timedelta:
    """Return the length of so many days.

    Raises:
        InvalidInput: there are none, or far too many.
    """
    if not 1 <= days <= _MOST_DAYS:
        msg = f"--days {days} is no period: give 1 to {_MOST_DAYS}"
        raise InvalidInput(msg)
    return timedelta(days=days)


def figures(
    deployments: Sequence[Deployment], tags: Mapping[str, datetime], now: datetime, period: timedelta
) -> Figures:
    """Return the figures of a period that ends now.

    Args:
        deployments: all that an environment had, the oldest first.
        tags: when the commit of each release tag was made.
        now: the period's end.
        period: its length.
    """
    inside = [one for one in deployments if now - one.time < period]
    promotions = [one for one in inside if not one.is_rollback]
    leads, untagged = _leads(deployments, {id(one) for one in inside}, tags)
    first = min((one.time for one in deployments), default=now)
    return Figures(
        promotions=len(promotions),
        rollbacks=len(inside) - len(promotions),
        failed=sum(one.undone for one in promotions),
        observed=max(min(now - first, period), min(WEEK, period)),
        lead=_lengths(leads),
        untagged=untagged,
        restore=_lengths([one.mended_after for one in inside if one.mended_after is not None]),
        weeks=_weeks(deployments, now),
    )


def _leads(
    deployments: Sequence[Deployment], inside: set[int], tags: Mapping[str, datetime]
) -> tuple[list[timedelta], int]:
    """Return the lead time of each version that came for the first time, and how many have no tag to tell it by."""
    came: set[tuple[str, str]] = set()
    leads, untagged = [], 0
    for one in deployments:
        if one.is_rollback:
            continue
        new = [landed for landed in one.changed if (landed.service, landed.version) not in came]
        came |= {(landed.service, landed.version) for landed in new}
        if id(one) not in inside:
            continue
        for version in {landed.version for landed in new}:
            if version in tags:
                leads.append(max(_NONE, one.time - tags[version]))
            else:
                untagged += 1
    return leads, untagged


def _lengths(lengths: Sequence[timedelta]) -> Lengths | None:
    if not lengths:
        return None
    seconds = median(length.total_seconds() for length in lengths)
    return Lengths(len(lengths), timedelta(seconds=seconds), max(lengths))


def _weeks(deployments: Iterable[Deployment], now: datetime) -> tuple[Week, ...]:
    counts = [[0, 0] for _ in range(WEEKS)]
    for one in deployments:
        ago = (now - one.time) // WEEK
        if ago < WEEKS:
            counts[WEEKS - 1 - ago][one.is_rollback] += 1
    return tuple(Week(promotions, rollbacks) for promotions, rollbacks in counts)
