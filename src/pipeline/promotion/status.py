"""Which version runs where, as the overlays say it, and whether the registry agrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.concurrency import side_by_side
from pipeline.description import IMAGE_UPDATER, Description
from pipeline.overlays import Pin
from pipeline.registry import Copier, RegistryFailed
from pipeline.surface import Format, as_json, markdown_table, text_table

from .branch import Tip


@dataclass(frozen=True, slots=True)
class Line:
    """What one environment runs of one service; `registry` is empty if it was not asked.

    `digest` is what the overlay pins; where an image updater sets a tag alone, what the registry has of that tag.
    """

    environment: str
    service: str
    pin: Pin | None
    registry: str = ""
    digest: str = ""


async def status(description: Description, tip: Tip, copier: Copier | None) -> list[Line]:
    """Read every service's pin in every environment; ask the registries if there is a copier."""
    pins = {
        (environment.name, service.name): tip.pin(service.name, environment.name)
        for environment in description.environments
        for service in description.services
    }
    if copier is None:
        return [Line(*place, pin, digest=pin.digest if pin else "") for place, pin in pins.items()]
    answers = await _asked(description, pins, copier)
    return [_line(description, place, pin, answers[description.registry_of(place[0])]) for place, pin in pins.items()]


async def _asked(
    description: Description, pins: Mapping[tuple[str, str], Pin | None], copier: Copier
) -> dict[str, Mapping[str, str] | RegistryFailed]:
    """Return what each registry has of what is pinned; of several registries, one that fails stops no other."""

    async def ask(registry: str) -> Mapping[str, str] | RegistryFailed:
        here = {place: pin for place, pin in pins.items() if description.registry_of(place[0]) == registry}
        try:
            return await copier.digests(_places(description, here).values())
        except RegistryFailed as error:
            if len(description.registries) == 1:
                raise
            return error

    return dict(zip(description.registries, await side_by_side(ask, description.registries), strict=True))


def _line(
    description: Description, place: tuple[str, str], pin: Pin | None, answer: Mapping[str, str] | RegistryFailed
) -> Line:
    environment = description.environment(place[0])
    if isinstance(answer, RegistryFailed):
        return Line(*place, pin, f"not asked: {answer}", pin.digest if pin else "")
    asked = _places(description, {place: pin})
    updated = environment == description.first and environment.deployed_by == IMAGE_UPDATER
    resolved = answer.get(asked.get(place, ""), "") if updated else ""
    return Line(*place, pin, _agreement(description, place, pin, answer), (pin.digest if pin else "") or resolved)


def _places(description: Description, pins: Mapping[tuple[str, str], Pin | None]) -> dict[tuple[str, str], str]:
    """Return what the registry is asked for: what is pinned by its tag, or by its digest if it has none."""
    return {
        place: f"{pin.repository}:{pin.tag}" if pin.tag else f"{pin.repository}@{pin.digest}"
        for place, pin in pins.items()
        if pin and pin.repository == description.repository_of(place[1], place[0])
    }


def _agreement(description: Description, place: tuple[str, str], pin: Pin | None, there: Mapping[str, str]) -> str:
    """Say what the registry has of what is pinned, compared with the pinned digest."""
    if pin is None:
        return "-"
    asked = _places(description, {place: pin})
    if not asked:
        return f"not asked: pinned in {pin.repository}"
    digest = there.get(asked[place])
    if digest is None:
        return "missing"
    return "agrees" if digest == pin.digest or not pin.digest else f"has {digest}"


def status_report(lines: list[Line], format_: Format) -> str:
    """Write the lines."""
    asked = any(line.registry for line in lines)
    if format_ is Format.JSON:
        return as_json({"environments": _environments(lines)})
    head = ["environment", "service", "version", "digest", *(["registry"] if asked else [])]
    rows = [[line.environment, line.service, *_runs(line), *([line.registry] if asked else [])] for line in lines]
    return (markdown_table if format_ is Format.MARKDOWN else text_table)(head, rows)


def _runs(line: Line) -> list[str]:
    return [(line.pin.tag if line.pin else "") or "-", line.digest or "-"]


def _environments(lines: list[Line]) -> list[dict[str, Any]]:
    result: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        entry = {
            "service": line.service,
            "version": (line.pin.tag if line.pin else "") or None,
            "digest": line.digest or None,
        }
        if line.registry:
            entry["registry"] = line.registry
        result.setdefault(line.environment, []).append(entry)
    return [{"name": name, "services": services} for name, services in result.items()]
