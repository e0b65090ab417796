"""Values: JSON, errors, environment files, addresses."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.secret import read_secret
from dagger_local.api.objects.small import EnvVariable
from dagger_local.api.recipe import Recipe
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


@dataclass(frozen=True, slots=True)
class EnvFile(Object):
    """Variables, as a .env file holds them."""

    pairs: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, raw: bool | None = None) -> str:
        found = [value for key, value in self.pairs if key == name]
        if not found:
            raise EngineError(f"the environment file has no variable {name}")
        return found[-1]

    def exists(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def variables(self, raw: bool | None = None) -> list[EnvVariable]:
        return [EnvVariable(self.engine, name, value) for name, value in self.pairs]

    def with_variable(self, name: str, value: str) -> "EnvFile":
        return replace(self, pairs=(*self.without_variable(name).pairs, (name, value)))

    def without_variable(self, name: str) -> "EnvFile":
        return replace(self, pairs=tuple(pair for pair in self.pairs if pair[0] != name))

    def namespace(self, prefix: str) -> "EnvFile":
        start = f"{prefix.rstrip('_')}_"
        return replace(self, pairs=tuple((k.removeprefix(start), v) for k, v in self.pairs if k.startswith(start)))

    async def as_file(self) -> Any:
        from dagger_local.api.objects.file import new_file

        return await new_file(self.engine, ".env", "".join(f"{k}={v}\n" for k, v in self.pairs).encode())


def read_env_file(engine: Any, text: str) -> EnvFile:
    """Read lines of NAME=VALUE; quotes around a value are taken off, empty lines and comments passed over."""
    pairs = []
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.strip().removeprefix("export ")
        if not said or said.startswith("#"):
            continue
        name, separator, value = said.partition("=")
        if not separator:
            raise EngineError(f"line {number} of the environment file is not of the form NAME=VALUE")
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
        pairs.append((name.strip(), value[1:-1] if quoted else value.strip()))
    return EnvFile(engine, tuple(pairs))


@dataclass(frozen=True, slots=True)
class Address(Object):
    """A text that names something: a path, an image, a secret, a service."""

    value: str = ""
    owner: Client | None = field(default=None, repr=False)

    def container(self) -> Any:
        from dagger_local.api.objects.query import Query

        return Query(self.engine).container().from_(self.value)

    async def directory(self, client: Client, exclude: Sequence[str] = (), include: Sequence[str] = (),
                        gitignore: bool = False, no_cache: bool = False) -> Any:  # fmt: skip
        from dagger_local.api.objects.host import Host

        return await Host(self.engine).directory(self.value, client, exclude, include, gitignore=gitignore)

    async def file(self, client: Client, **_: Any) -> Any:
        from dagger_local.api.objects.host import Host

        return await Host(self.engine).file(self.value, client)

    async def secret(self, client: Client) -> Any:
        return await read_secret(self.engine, self.value, None, client)

    def socket(self, client: Client) -> Any:
        from dagger_local.api.objects.host import Host

        return Host(self.engine).unix_socket(self.value.removeprefix("unix://"), client)

    def service(self, recipe: Recipe, client: Client) -> Any:
        from dagger_local.api.objects.host import Host

        scheme, _, rest = self.value.rpartition("://")
        host, _, port = rest.rpartition(":")
        if scheme not in ("", "tcp") or not port.isdecimal():
            raise EngineError(f"{self.value!r} is no service; give it as tcp://HOST:PORT")
        return Host(self.engine).service([{"backend": int(port)}], recipe, host or "localhost")
