"""Values: JSON, and errors that carry it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dagger_local.api.objects.base import Object
from dagger_local.errors import EngineError


@dataclass(frozen=True, slots=True)
class JSONValue(Object):
    """A JSON value."""

    value: Any = None

    def contents(self, pretty: bool = False, indent: str = "  ") -> str:
        return json.dumps(self.value, indent=indent if pretty else None)

    def with_contents(self, contents: str) -> "JSONValue":
        try:
            return replace(self, value=json.loads(contents))
        except ValueError as error:
            raise EngineError(f"that is no JSON: {error}") from None

    def as_string(self) -> str:
        return str(self._of(str, "string"))

    def as_integer(self) -> int:
        return int(self._of(int, "integer"))

    def as_boolean(self) -> bool:
        return bool(self._of(bool, "boolean"))

    def as_array(self) -> list["JSONValue"]:
        return [JSONValue(self.engine, item) for item in self._of(list, "array")]

    def fields(self) -> list[str]:
        return list(self._of(dict, "object"))

    def field(self, path: Sequence[str]) -> "JSONValue":
        value = self.value
        for name in path:
            if not isinstance(value, dict) or name not in value:
                raise EngineError(f"the JSON value has no field {'.'.join(path)}")
            value = value[name]
        return JSONValue(self.engine, value)

    def with_field(self, path: Sequence[str], value: "JSONValue") -> "JSONValue":
        whole = json.loads(json.dumps(self.value)) if isinstance(self.value, dict) else {}
        inner = whole
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = value.value
        return JSONValue(self.engine, whole)

    def new_string(self, value: str) -> "JSONValue":
        return JSONValue(self.engine, value)

    def new_integer(self, value: int) -> "JSONValue":
        return JSONValue(self.engine, value)

    def new_boolean(self, value: bool) -> "JSONValue":
        return JSONValue(self.engine, value)

    def _of(self, kind: type, name: str) -> Any:
        if not isinstance(self.value, kind) or (kind is int and isinstance(self.value, bool)):
            raise EngineError(f"the JSON value is no {name}")
        return self.value


@dataclass(frozen=True, slots=True)
class ErrorValue(Object):
    """A value that an error carries, as JSON."""

    name: str = ""
    value: str = "null"


@dataclass(frozen=True, slots=True)
class Error(Object):
    """An error of a module's function, with values as JSON."""

    message: str = ""
    values: tuple[ErrorValue, ...] = ()

    def with_value(self, name: str, value: str) -> "Error":
        return replace(self, values=(*self.values, ErrorValue(self.engine, name, value)))

    def value(self, name: str) -> Any:
        """Return the value of that name, None without one."""
        return next((json.loads(each.value) for each in self.values if each.name == name), None)
