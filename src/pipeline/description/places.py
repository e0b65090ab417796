"""Where something stands in pipeline.yaml, and what is wrong there."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: its line, counted from 1, and its key, such as `services[1].name`."""

    line: int
    key: str


@dataclass(frozen=True, slots=True)
class Found:
    """A text and its place; empty when it is missing or no text. What is wrong with it is among the problems."""

    value: str
    at: Place
    wrong: bool = False


@dataclass(slots=True)
class Problems:
    """What is wrong with a file."""

    lines: list[tuple[int, str]] = field(default_factory=list)

    def add(self, at: Place, text: str) -> None:
        """Note a problem."""
        self.lines.append((at.line, f"line {at.line}: {at.key}: {text}" if at.key else f"line {at.line}: {text}"))

    def __iter__(self) -> Iterator[str]:
        return (text for _, text in sorted(self.lines, key=lambda item: item[0]))
