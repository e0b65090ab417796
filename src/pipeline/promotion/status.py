"""Which version runs where, as the overlays say it, and whether the registries agree."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.concurrency import side_by_side
from pipeline.description import IMAGE_UPDATER, Description
from pipeline.overlays import InvalidOverlay, Pin
from pipeline.registry import Copier, RegistryFailed

from .branch import Tip


@dataclass(frozen=True, slots=True)
class Cell:
    """What one environment runs of one service.

    `digest` is what the overlay pins; where an image updater sets a tag alone, what the registry has of that tag.
    `registry` is what the registry says, empty if it was not asked; `problem` is why it is not known what runs.
    `differs` says that the environment that it promotes from runs something else.
    """

    environment: str
    service: str
    pin: Pin | None = None
    digest: str = ""
    registry: str = ""
    problem: str = ""
    differs: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """The environment and the service."""
        return self.environment, self.service


async def status(description: Description, tip: Tip, copier: Copier | None) -> list[Cell]:
    """Read every service's pin in every environment; ask the registries if there is a copier.

    What cannot be read or asked spoils its own cell alone.
    """
    cells = [
        _cell(tip, environment.name, service.name)
        for environment in description.environments
        for service in description.services
    ]
    pins = {cell.place: cell.pin for cell in cells}
    before = {environment.name: environment.promotes_from for environment in description.environments}
    cells = [
        replace(cell, differs=_differs(cell.pin, pins.get((before[cell.environment], cell.service)))) for cell in cells
    ]
    if copier is None:
        return cells
    asked = {cell.place: reference for cell in cells if (reference := _reference(description, cell))}
    answers = await _answers(description, asked, copier)
    return [_compared(description, cell, answers.get(asked.get(cell.place, ""))) for cell in cells]


def _cell(tip: Tip, environment: str, service: str) -> Cell:
    try:
        pin = tip.pin(service, environment)
    except InvalidOverlay as error:
        return Cell(environment, service, problem=str(error))
    return Cell(environment, service, pin, pin.digest if pin else "")


def _differs(pin: Pin | None, before: Pin | None) -> bool:
    """Tell whether two environments run different things, as far as both are known: by digest, else by tag."""
    if pin is None or before is None:
        return False
    return pin.digest != before.digest if pin.digest and before.digest else pin.tag != before.tag


def _reference(description: Description, cell: Cell) -> str:
    """Return what the registry is asked for: what is pinned by its tag, or by its digest if it has none."""
    pin = cell.pin
    if pin is None or pin.repository != description.repository_of(cell.service, cell.environment):
        return ""
    return f"{pin.repository}:{pin.tag}" if pin.tag else f"{pin.repository}@{pin.digest}"


async def _answers(
    description: Description, asked: Mapping[tuple[str, str], str], copier: Copier
) -> dict[str, str | RegistryFailed]:
    """Return the digest of each reference, empty if there is none; in place of what cannot be asked for, why."""

    async def ask(registry: str) -> dict[str, str | RegistryFailed]:
        here = [text for (environment, _), text in asked.items() if description.registry_of(environment) == registry]
        try:
            found = await copier.digests(here) if here else {}
            return {reference: found.get(reference, "") for reference in here}
        except RegistryFailed:
            return dict(zip(here, await side_by_side(alone, here), strict=True))

    async def alone(reference: str) -> str | RegistryFailed:
        try:
            return (await copier.digests([reference])).get(reference, "")
        except RegistryFailed as error:
            # The reference is told by the cell: so one line can speak for all cells of a registry that is down.
            return RegistryFailed(str(error).replace(f"asking for {reference}", "asking the registry"))

    parts = await side_by_side(ask, description.registries)
    return {reference: answer for part in parts for reference, answer in part.items()}


def _compared(description: Description, cell: Cell, there: str | RegistryFailed | None) -> Cell:
    """Add what the registry says."""
    if cell.pin is None:
        return replace(cell, registry="-")
    if there is None:
        return replace(cell, registry=f"not asked: pinned in {cell.pin.repository}")
    if isinstance(there, RegistryFailed):
        return replace(cell, registry=f"not asked: {there}")
    if not there:
        return replace(cell, registry="missing")
    agrees = there == cell.pin.digest or not cell.pin.digest
    return replace(
        cell,
        registry="agrees" if agrees else f"has {there}",
        digest=cell.digest or (there if _is_updated(description, cell.environment) else ""),
    )


def _is_updated(description: Description, environment: str) -> bool:
    """Tell whether an image updater sets an environment's tags."""
    return environment == description.first.name and description.first.deployed_by == IMAGE_UPDATER
