"""The board of the sixty promotions, of a project with two services and three environments."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from pipeline.board import Board, Past, board
from pipeline.description import Description, Environment, Service
from pipeline.git import Landed, Landing, Landings, Record
from pipeline.overlays import Pin
from pipeline.promotion import Cell

from .promotions import DAY, HOUR, digest, sixty

SHOP = Description(
    project="myapp",
    registry="r.example.com",
    repository="https://github.com/acme/myapp",
    branch="main",
    manifests="manifests",
    environments=(Environment("dev"), Environment("stg", "dev"), Environment("prod", "stg")),
    services=(Service("backend", "."), Service("frontend", ".")),
)


def cell(environment: str, service: str, version: str, **options: Any) -> Cell:
    """Return what an environment runs of a service; no version is nothing."""
    if not version:
        return Cell(environment, service, **options)
    pinned = digest(service, version)
    return Cell(environment, service, Pin(SHOP.repository_of(service, environment), version, pinned), pinned, **options)


def wide_board(now: datetime) -> Board:
    """Return the board of a project with a dozen services: ten of which were never promoted, and one cannot be told."""
    names = ["backend", "frontend", *(f"service-{number}" for number in range(10))]
    cells = [
        cell(environment, name, "v1.23.0", registry="not asked: it is down" if name == "service-9" else "")
        for environment in ("dev", "stg", "prod")
        for name in names
    ]
    shop = replace(SHOP, services=tuple(Service(name, ".") for name in names))
    return board(shop, cells, sixty(now - 80 * DAY).past(), now, 90 * DAY)


def sixty_board(now: datetime) -> Board:
    """Return the board of the sixty promotions, eighty days after the first; of dev, an image updater takes care."""
    made = sixty(now - 80 * DAY)
    made.tags |= {"v1.24.0": now - 5 * HOUR, "v1.24.1": now - 3 * HOUR}
    cells = [
        cell("dev", "backend", "v1.24.1"),
        cell("dev", "frontend", "v1.24.0"),
        cell("stg", "backend", "v1.23.0", differs=True),
        cell("stg", "frontend", "v1.23.0", differs=True),
        cell("prod", "backend", "v1.22.0", differs=True),
        cell("prod", "frontend", "v1.21.0", differs=True, registry="missing"),
    ]
    return board(SHOP, cells, made.past(), now, 90 * DAY)


def hostile_board(text: str, now: datetime, run: str = "") -> Board:
    """Return a board of a rollback that says the same text everywhere."""
    record = Record(
        commit=text, time=now - HOUR, verb="rollback", environment="prod", origin=text, version=text,
        services=(Landed("backend", text, ""),), author=text, actor=text, reason=text, run=run, forced=True,
        skipped=(text,),
    )  # fmt: skip
    past = Past([record], Landings(text, {text: Landing(now - HOUR, 0)}), {})
    cells = [
        cell("prod", "backend", text, registry=f"not asked: {text}"),
        replace(cell("prod", "frontend", text), pin=None, problem=text),
    ]
    return board(SHOP, cells, past, now, 90 * DAY)
