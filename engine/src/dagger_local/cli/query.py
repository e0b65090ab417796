"""A chain of calls as one GraphQL query: values travel as variables, never inside the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any


@dataclass(frozen=True, slots=True)
class Input:
    """A value and the GraphQL type of its variable."""

    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """One field with its arguments."""

    field: str
    arguments: Mapping[str, "Input | Load | tuple[Load, ...]"] = attribute(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """An object to be loaded before the chain runs, which then takes its id; `path` must exist if given."""

    calls: tuple[Call, ...]
    path: str = ""
    directory: bool = False
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A query's text and its variables."""

    text: str
    variables: Mapping[str, Any]


def loads(chain: Sequence[Call]) -> tuple[Load, ...]:
    """Return all objects that a chain needs loaded, in order."""
    found: list[Load] = []
    for call in chain:
        for value in call.arguments.values():
            if isinstance(value, Load):
                found.append(value)
            elif isinstance(value, tuple):
                found += value
    return tuple(found)


def request_loads(wanted: Sequence[Load]) -> Request:
    """Return one query for the ids of all `wanted`: `load0`, `load1`, … in the answer."""
    variables = _Variables()
    parts = [f"load{index}: {variables.nest(load.calls, 'id')}" for index, load in enumerate(wanted)]
    return variables.request("Arguments", " ".join(parts))


def read_loads(wanted: Sequence[Load], answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids out of the answer to `request_loads`."""
    return tuple(unwrap(answer[f"load{index}"], (*load.calls[1:], Call("id"))) for index, load in enumerate(wanted))


def request(chain: Sequence[Call], leaf: str, ids: Sequence[str] = ()) -> Request:
    """Return the query for `leaf` at the end of a chain whose loads have these `ids`, in the order of `loads`."""
    variables = _Variables(list(ids))
    return variables.request("Call", variables.nest(chain, leaf))


def unwrap(answer: Any, chain: Sequence[Call]) -> Any:
    """Follow a chain's fields into an answer; a list on the way gives a list of what is in each item."""
    for index, call in enumerate(chain):
        if isinstance(answer, list):
            return [unwrap(item, chain[index:]) for item in answer]
        if answer is None:
            return None
        answer = answer[call.field]
    return answer


class _Variables:
    """Hands out variables while a text is put together."""

    def __init__(self, ids: list[str] | None = None) -> None:
        self.ids = ids or []
        self.types: list[str] = []
        self.values: dict[str, Any] = {}

    def nest(self, calls: Sequence[Call], leaf: str) -> str:
        heads = [call.field + self._arguments(call) for call in calls]
        inner = [*heads, leaf] if leaf else heads
        return " { ".join(inner) + " }" * (len(inner) - 1)

    def request(self, name: str, body: str) -> Request:
        declared = f"({', '.join(self.types)})" if self.types else ""
        return Request(f"query {name}{declared} {{ {body} }}", self.values)

    def _arguments(self, call: Call) -> str:
        given = [f"{name}: {self._variable(value)}" for name, value in call.arguments.items()]
        return f"({', '.join(given)})" if given else ""

    def _variable(self, value: "Input | Load | tuple[Load, ...]") -> str:
        if isinstance(value, Load):
            value = Input("ID!", self.ids.pop(0))
        elif isinstance(value, tuple):
            value = Input("[ID!]!", [self.ids.pop(0) for _ in value])
        name = f"v{len(self.types)}"
        self.types.append(f"${name}: {value.type}")
        self.values[name] = value.value
        return f"${name}"
