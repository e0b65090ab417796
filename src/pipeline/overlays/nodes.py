"""The nodes of a YAML text with their places in it, aliases as they are written: what an edit in place must know."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there

_ENDS: Any = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


@dataclass(frozen=True, slots=True)
class Node:
    """A node, from `start` to before `end` in the text, its anchor and tag included.

    A mapping's children are keys and values by turns. An alias is `alias`, and `anchor` what it stands for. `style` is
    a scalar's quote, or the sign of a block scalar.
    """

    start: int
    end: int
    anchor: str = ""
    alias: bool = False
    value: str = ""
    style: str = ""
    children: tuple["Node", ...] = ()

    @property
    def pairs(self) -> list[tuple["Node", "Node"]]:
        """The keys and values of a mapping."""
        return list(zip(self.children[::2], self.children[1::2], strict=True))

    def weight(self) -> int:
        """Return how many nodes there are when every alias is written out: what a comparison has to look at."""
        anchors: dict[str, int] = {}

        def weigh(node: Node) -> int:
            if node.alias:
                return anchors.get(node.anchor, 1)
            weight = 1 + sum(weigh(child) for child in node.children)
            if node.anchor:
                anchors[node.anchor] = weight
            return weight

        return weigh(self)

    def walk(self) -> Iterator["Node"]:
        """Return the node and all in it, in the order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()


def root(text: str) -> Node:
    """Return the root node of a valid text with one document, and no byte order mark: libyaml does not count that."""
    events = (event for event in yaml.parse(text, Loader=LOADER) if isinstance(event, (yaml.NodeEvent, *_ENDS)))
    return _node(next(events), events)


def _node(event: Any, events: Iterator[Any]) -> Node:
    start, end, anchor = event.start_mark.index, event.end_mark.index, event.anchor or ""
    if isinstance(event, yaml.AliasEvent):
        return Node(start, end, anchor, alias=True)
    if isinstance(event, yaml.ScalarEvent):
        return Node(start, end, anchor, value=event.value, style=event.style or "")
    children: list[Node] = []
    while not isinstance(inner := next(events), _ENDS):
        children.append(_node(inner, events))
    return Node(start, inner.end_mark.index, anchor, children=tuple(children))
