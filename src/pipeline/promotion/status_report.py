"""Write a status: a matrix for people, services down and environments across; every digit for machines."""

from collections.abc import Sequence
from typing import Any

from pipeline.surface import Format, as_json, markdown_table, text_table

from .status import Cell

_DIGITS = 12  # of a digest, for people
_DIFFERS, _WRONG = "*", "!"
_AGREES = ("", "-", "agrees")


def status_report(cells: Sequence[Cell], format_: Format) -> str:
    """Write the cells."""
    if format_ is Format.JSON:
        return as_json({"environments": _environments(cells)})
    environments = list(dict.fromkeys(cell.environment for cell in cells))
    services = list(dict.fromkeys(cell.service for cell in cells))
    texts = {(cell.environment, cell.service): _text(cell) for cell in cells}
    rows = [[service, *(texts[environment, service] for environment in environments)] for service in services]
    head = ["service", *environments]
    if format_ is Format.MARKDOWN:
        notes = [f"- `{note[0]}`{note[1:]}" for note in _notes(cells)]
        return "\n".join([markdown_table(head, rows), *(["", *notes] if notes else [])])
    return "\n".join([text_table(head, rows), *_notes(cells)])


def _text(cell: Cell) -> str:
    """Write what runs, its marks behind it."""
    marks = (_DIFFERS if cell.differs else "") + (_WRONG if _is_wrong(cell) else "")
    if cell.pin is None:
        return f"unknown {marks}" if marks else "-"
    digits = cell.digest.removeprefix("sha256:")[:_DIGITS]
    return " ".join(filter(None, (cell.pin.tag, digits, marks)))


def _is_wrong(cell: Cell) -> bool:
    return bool(cell.problem) or cell.registry not in _AGREES


def _notes(cells: Sequence[Cell]) -> list[str]:
    """Say what the marks are about; one line for what several cells have in common."""
    notes: dict[str, list[str]] = {}
    for cell in cells:
        if _is_wrong(cell):
            notes.setdefault(_note(cell), []).append(f"{cell.service} in {cell.environment}")
    lines = [f"{_WRONG} {', '.join(places)}: {note}" for note, places in notes.items()]
    if any(cell.differs for cell in cells):
        lines.append(f"{_DIFFERS} not what the environment before runs")
    return lines


def _note(cell: Cell) -> str:
    if cell.problem:
        return " ".join(cell.problem.split())
    if cell.registry == "missing":
        return "missing in the registry"
    return f"the registry {cell.registry}" if cell.registry.startswith("has ") else cell.registry


def _environments(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    result: dict[str, list[dict[str, Any]]] = {}
    for cell in cells:
        entry = {
            "service": cell.service,
            "version": (cell.pin.tag if cell.pin else "") or None,
            "digest": cell.digest or None,
        }
        if cell.registry:
            entry["registry"] = cell.registry
        if cell.problem:
            entry["problem"] = cell.problem
        result.setdefault(cell.environment, []).append(entry)
    return [{"name": name, "services": services} for name, services in result.items()]
