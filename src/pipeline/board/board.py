"""All that the board shows, put together; and the same for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.description import Description
from pipeline.git import Landings, Record
from pipeline.promotion import Cell
from pipeline.surface import as_json

from .figures import Figures, Lengths, figures
from .place import Place, places
from .replay import Deployment, replay

_LATEST = 25  # promotions that the page shows


@dataclass(frozen=True, slots=True)
class Row:
    """An environment: its places in the services' order, and its figures; None where nothing is known of its past."""

    name: str
    promotes_from: str
    places: tuple[Place, ...]
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Board:
    """The board, at a moment; `latest` are the last deployments of all environments, the newest first."""

    project: str
    repository: str
    branch: str
    head: str
    now: datetime
    period: timedelta
    services: tuple[str, ...]
    rows: tuple[Row, ...]
    latest: tuple[Deployment, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """What Git tells: promotions and rollbacks, the newest first, how they landed, and the release tags' times."""

    records: Sequence[Record]
    landings: Landings
    tags: Mapping[str, datetime]


def board(description: Description, cells: Sequence[Cell], past: Past, now: datetime, period: timedelta) -> Board:
    """Put the board together.

    Args:
        description: which environments and services there are.
        cells: what runs.
        past: what was promoted.
        now: the time that it is, in UTC.
        period: how far back the figures go.
    """
    landed = past.landings.of
    deployments = replay(past.records, landed, now)
    every = [one for found in deployments.values() for one in found]
    newest = sorted(every, key=lambda one: landed[one.record.commit].place, reverse=True)
    found = places(description, cells, deployments, past.tags)
    rows = []
    for environment in description.in_order_of_promotion:
        own = tuple(place for place in found if place.environment == environment.name)
        told = deployments.get(environment.name, ())
        known = told and not any(place.updated for place in own)
        count = figures(told, past.tags, now, period) if known else None
        rows.append(Row(environment.name, environment.promotes_from, own, count))
    return Board(
        project=description.project,
        repository=description.repository,
        branch=description.branch,
        head=past.landings.head,
        now=now,
        period=period,
        services=tuple(service.name for service in description.services),
        rows=tuple(rows),
        latest=tuple(newest[:_LATEST]),
    )


def board_json(board: Board) -> str:
    """Write the board for programs; lengths of time are in seconds."""
    return as_json(
        {
            "project": board.project,
            "branch": board.branch,
            "commit": board.head or None,
            "time": _time(board.now),
            "days": board.period.days,
            "environments": [
                {
                    "name": row.name,
                    "services": [_place(place) for place in row.places],
                    "figures": _figures(row.figures) if row.figures else None,
                }
                for row in board.rows
            ],
        }
    )


def _place(place: Place) -> dict[str, Any]:
    deployment, difference = place.deployment, place.difference
    record = deployment.record if deployment else None
    return {
        "service": place.service,
        "version": place.version or None,
        "digest": place.digest or None,
        "released": _time(place.released) if place.released else None,
        "since": _time(deployment.time) if deployment else None,
        "commit": record.commit if record else None,
        "by": (record.actor or record.author) if record else None,
        "reason": (record.reason or None) if record else None,
        "drift": list(place.drift),
        "problems": list(place.problems),
        "difference": {"environment": difference.environment, "version": difference.version or None,
                       "releases": difference.releases or None} if difference else None,
    }  # fmt: skip


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "promotions": figures.promotions,
        "rollbacks": figures.rollbacks,
        "promotions_per_week": round(figures.weekly, 2),
        "lead_time": _lengths(figures.lead),
        "versions_without_tag": figures.untagged,
        "failed": figures.failed,
        "change_failure_rate": None if figures.failure_rate is None else round(figures.failure_rate, 4),
        "time_to_restore": _lengths(figures.restore),
    }


def _lengths(lengths: Lengths | None) -> dict[str, int] | None:
    if not lengths:
        return None
    return {
        "count": lengths.count,
        "median": round(lengths.median.total_seconds()),
        "longest": round(lengths.longest.total_seconds()),
    }


def _time(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")
