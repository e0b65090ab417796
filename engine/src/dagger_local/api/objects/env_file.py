"""EnvFile: variables, as a .env file holds them."""

from dataclasses import dataclass, replace
from typing import Any

from dagger_local.api.objects.base import Object
from dagger_local.api.objects.small import EnvVariable
from dagger_local.errors import EngineError


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
