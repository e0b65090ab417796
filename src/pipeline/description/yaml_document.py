"""Read a YAML document key by key, and collect everything that is wrong with it, each with its line and key."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from pipeline.errors import shown

_KINDS = {"str": "a text", "int": "a number", "float": "a number", "bool": "a truth value", "null": "nothing",
          "map": "a mapping", "seq": "a list", "timestamp": "a date"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: its line, counted from 1, and its key, such as `services[1].name`."""

    line: int
    key: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its place; empty when it is missing or wrong, which is then among the problems."""

    value: str
    at: Place


@dataclass(slots=True)
class Problems:
    """What is wrong with a file."""

    lines: list[tuple[int, str]] = field(default_factory=list)

    def add(self, at: Place, text: str) -> None:
        """Note a problem."""
        self.lines.append((at.line, f"line {at.line}: {at.key}: {text}" if at.key else f"line {at.line}: {text}"))

    def __iter__(self) -> Iterator[str]:
        return (text for _, text in sorted(self.lines, key=lambda item: item[0]))


class Mapping:
    """A mapping whose keys are taken one by one; `close` reports those that nobody took."""

    def __init__(self, node: yaml.Node | None, at: Place, problems: Problems) -> None:
        self.at = at
        self._problems = problems
        self._values: dict[str, tuple[Place, yaml.Node]] = {}
        self._known: list[str] = []
        if isinstance(node, yaml.MappingNode):
            self._read(node)
        elif node is not None:
            problems.add(at, f"must be a mapping, not {_kind(node)}")
        self._readable = isinstance(node, yaml.MappingNode)

    def _read(self, node: yaml.MappingNode) -> None:
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            at = Place(key.start_mark.line + 1, f"{self.at.key}.{name}".lstrip("."))
            if name in self._values:
                self._problems.add(at, f"is there twice, first in line {self._values[name][0].line}: remove one")
            else:
                self._values[name] = at, value

    def has(self, key: str) -> bool:
        """Tell whether a key is there."""
        return key in self._values

    def text(self, key: str, *, required: bool = True) -> Text:
        """Take a text."""
        at, node = self._take(key, required=required)
        if node is None:
            return Text("", at)
        if not isinstance(node, yaml.ScalarNode) or _tag(node) != "str":
            quote = f': write "{node.value}"' if isinstance(node, yaml.ScalarNode) and node.value else ""
            self._problems.add(at, f"must be a text, not {_kind(node)}{quote}")
            return Text("", at)
        if not node.value:
            self._problems.add(at, "must not be empty")
        return Text(node.value, at)

    def mapping(self, key: str, *, required: bool = True) -> "Mapping":
        """Take a mapping."""
        at, node = self._take(key, required=required)
        return Mapping(node, at, self._problems)

    def mappings(self, key: str) -> "list[Mapping]":
        """Take a list of mappings, at least one."""
        at, node = self._take(key, required=True)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._problems.add(at, f"must be a list, not {_kind(node)}")
            return []
        if not node.value:
            self._problems.add(at, "must not be empty: name at least one")
        return [
            Mapping(item, Place(item.start_mark.line + 1, f"{at.key}[{index}]"), self._problems)
            for index, item in enumerate(node.value)
        ]

    def close(self) -> None:
        """Report every key that was not taken."""
        for key, (at, _) in self._values.items():
            if key not in self._known:
                self._problems.add(at, f"{shown(key)} is no key here: use {', '.join(self._known)}")

    def _take(self, key: str, *, required: bool) -> tuple[Place, yaml.Node | None]:
        self._known.append(key)
        if key in self._values:
            return self._values[key]
        at = Place(self.at.line, f"{self.at.key}.{key}".lstrip("."))
        if required and self._readable:
            self._problems.add(at, "is missing: add it")
        return at, None


def compose(text: str, problems: Problems) -> Mapping | None:
    """Parse a document whose root is a mapping; what cannot be parsed becomes the one problem."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.add(Place(line, ""), f"cannot be read as YAML: {error.problem}")
        return None
    except yaml.YAMLError as error:
        problems.add(Place(1, ""), f"cannot be read as YAML: {' '.join(str(error).split())}")
        return None
    except RecursionError:
        problems.add(Place(1, ""), "cannot be read as YAML: it is nested too deeply")
        return None
    if node is None:
        problems.add(Place(1, ""), "the file is empty: describe the project, as the README does")
        return None
    return Mapping(node, Place(1, ""), problems)


def _tag(node: yaml.Node) -> str:
    return node.tag.rsplit(":", 1)[-1]


def _kind(node: yaml.Node) -> str:
    return _KINDS.get(_tag(node), f"a {_tag(node)}")
