"""Which version runs where, as the overlays say it, and whether the registry agrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.description import Description
from pipeline.overlays import Pin
from pipeline.registry import Copier
from pipeline.surface import Format, as_json, markdown_table, text_table

from .branch import Tip


@dataclass(frozen=True, slots=True)
class Line:
    """What one environment runs of one service; `registry` is empty if it was not asked."""

    environment: str
    service: str
    pin: Pin | None
    registry: str = ""


async def status(description: Description, tip: Tip, copier: Copier | None) -> list[Line]:
    """Read every service's pin in every environment; ask the registry if there is a copier."""
    pins = {
        (environment.name, service.name): tip.pin(service.name, environment.name)
        for environment in description.environments
        for service in description.services
    }
    there = await copier.digests(_places(description, pins).values()) if copier else None
    return [
        Line(
            environment,
            service,
            pin,
            "" if there is None else _agreement(description, (environment, service), pin, there),
        )
        for (environment, service), pin in pins.items()
    ]


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
    rows = [[line.environment, line.service, *_pinned(line.pin), *([line.registry] if asked else [])] for line in lines]
    return (markdown_table if format_ is Format.MARKDOWN else text_table)(head, rows)


def _pinned(pin: Pin | None) -> list[str]:
    return [pin.tag or "-", pin.digest or "-"] if pin else ["-", "-"]


def _environments(lines: list[Line]) -> list[dict[str, Any]]:
    result: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        entry = {
            "service": line.service,
            "version": (line.pin.tag if line.pin else "") or None,
            "digest": (line.pin.digest if line.pin else "") or None,
        }
        if line.registry:
            entry["registry"] = line.registry
        result.setdefault(line.environment, []).append(entry)
    return [{"name": name, "services": services} for name, services in result.items()]
