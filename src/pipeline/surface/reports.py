"""Lay out what a verb reports: aligned text, a Markdown table, JSON."""

import enum
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagger

_WIDTH = 100  # columns, of a terminal that is not wide
_SHORTER = (
    (re.compile(r"^(?:localhost|[^/\s]+[.:][^/\s]*)/(?=\S)"), "…/"),
    (re.compile(r"sha256:([0-9a-f]{12})[0-9a-f]{52}"), r"\1"),
)


@dagger.enum_type
class Format(enum.Enum):
    """How a report is written."""

    TEXT = "TEXT"
    """Aligned columns, for a terminal."""

    JSON = "JSON"
    """One object, for a program."""

    MARKDOWN = "MARKDOWN"
    """A table, for a job's summary."""


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, whole: bool = False) -> str:
    """Align columns; the head is in capitals.

    What is too wide is shortened, if it need not be whole: registries' hosts first, then digests.
    """
    lines = [[cell.upper() for cell in head], *([printable(cell) for cell in row] for row in rows)]
    for pattern, short in () if whole else _SHORTER:
        if max(len(line) for line in _aligned(lines)) > _WIDTH:
            lines[1:] = [[pattern.sub(short, cell) for cell in line] for line in lines[1:]]
    return "\n".join(_aligned(lines))


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in GitHub's Markdown; no cell can end its column or line."""
    lines = [head, ["---"] * len(head), *([printable(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def printable(text: str) -> str:
    """Return a text as one line without control characters."""
    return "".join(char if char.isprintable() else " " for char in text)


def as_code(text: str) -> str:
    """Write a text as Markdown's code, which nothing in it can end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or not text.strip() else ""
    return f"{fence}{pad}{text or ' '}{pad}{fence}"


def as_json(report: Mapping[str, Any]) -> str:
    """Write one object, indented."""
    return json.dumps(report, indent=2, ensure_ascii=False)


def listed(texts: Iterable[str]) -> str:
    """Write texts as a list, each once."""
    return ", ".join(dict.fromkeys(texts))


def human(size: int) -> str:
    """Write a number of bytes for people, in decimal units."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
