"""What one environment runs of one service: since when, who brought it and why, and what it differs from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.description import IMAGE_UPDATER, Description
from pipeline.git import Landed, comparison
from pipeline.overlays import Pin
from pipeline.promotion import Cell
from pipeline.registry import newest_first

from .replay import Deployment


@dataclass(frozen=True, slots=True)
class Difference:
    """What the environment before runs instead.

    `releases` is how many releases that is newer, below 0 how many it is older, 0 if that is not known. `url` compares
    both.
    """

    environment: str
    version: str
    releases: int
    url: str


@dataclass(frozen=True, slots=True)
class Place:
    """A service in an environment.

    `deployment` is the one that brought what is pinned; None if that is not known. `drift` are lines about what is not
    as it was promoted, `problems` about what cannot be told. `released` is when the commit of its release was made,
    `updated` that an image updater sets it.
    """

    environment: str
    service: str
    version: str
    digest: str
    deployment: Deployment | None
    released: datetime | None
    updated: bool
    drift: tuple[str, ...]
    problems: tuple[str, ...]
    difference: Difference | None


def places(
    description: Description,
    cells: Sequence[Cell],
    deployments: Mapping[str, Sequence[Deployment]],
    tags: Mapping[str, datetime],
) -> list[Place]:
    """Return all places, in the order of their cells.

    Args:
        description: the environments and the services.
        cells: what is pinned where, and what the registries say.
        deployments: each environment's, the oldest first.
        tags: when the commit of each release tag was made.
    """
    pinned = {cell.place: cell for cell in cells}
    first = description.first
    before = {environment.name: environment.promotes_from for environment in description.environments}
    result = []
    for cell in cells:
        updated = cell.environment == first.name and first.deployed_by == IMAGE_UPDATER
        last = None if updated else _last(deployments.get(cell.environment, ()), cell.service)
        as_promoted = last is None or (cell.pin is not None and _is(cell.pin, last[1]))
        source = pinned.get((before[cell.environment], cell.service))
        version = cell.pin.tag if cell.pin else ""
        result.append(
            Place(
                environment=cell.environment,
                service=cell.service,
                version=version,
                digest=cell.digest,
                deployment=last[0] if last and as_promoted else None,
                released=tags.get(version),
                updated=updated,
                drift=tuple(_drift(cell, None if as_promoted or not last else last)),
                problems=tuple(_problems(cell)),
                difference=_difference(description, cell, source, tags) if cell.differs and source else None,
            )
        )
    return result


def _last(deployments: Sequence[Deployment], service: str) -> tuple[Deployment, Landed] | None:
    """Return the last deployment that changed a service, and to what."""
    for deployment in reversed(deployments):
        for landed in deployment.changed:
            if landed.service == service:
                return deployment, landed
    return None


def _is(pin: Pin, landed: Landed) -> bool:
    return pin.digest == landed.digest if pin.digest and landed.digest else pin.tag == landed.version


def _drift(cell: Cell, promoted: tuple[Deployment, Landed] | None) -> list[str]:
    lines = []
    if promoted and not cell.problem:
        deployment, landed = promoted
        what = landed.version or landed.digest
        lines.append(f"not what was promoted: that is {what}, in commit {deployment.record.commit[:12]}")
    if cell.registry == "missing":
        lines.append("missing in the registry")
    elif cell.registry.startswith("has "):
        lines.append(f"the registry {cell.registry}")
    return lines


def _problems(cell: Cell) -> list[str]:
    said = [cell.problem, cell.registry if cell.registry.startswith("not asked") else ""]
    return [" ".join(line.split()) for line in said if line]


def _difference(description: Description, cell: Cell, source: Cell, tags: Mapping[str, datetime]) -> Difference:
    here, there = (one.pin.tag if one.pin else "" for one in (cell, source))
    known = here in tags and there in tags and here != there
    return Difference(
        environment=source.environment,
        version=there,
        releases=_releases(here, there, tags) if known else 0,
        url=comparison(description.repository, here, there) if known else "",
    )


def _releases(here: str, there: str, tags: Mapping[str, datetime]) -> int:
    """Return how many releases the other is newer; what is no release is not counted on the way to one that is."""
    order = newest_first(tags)
    if "-" not in here + there:
        order = [tag for tag in order if "-" not in tag]
    return order.index(here) - order.index(there)
