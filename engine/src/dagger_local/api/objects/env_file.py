"""EnvFile: variables, as a .env file holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dagger_local.api.expansion import expanded
from dagger_local.api.names import camel, snake
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.small import EnvVariable


@dataclass(frozen=True, slots=True)
class EnvFile(Object):
    """Variables by name, as they were written: quotes and references are resolved when they are asked for.

    Values refer to other variables, to those in `context`, and to the variables of whoever asks.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    expand: bool = False
    context: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, environ: Mapping[str, str], raw: bool | None = None) -> str:
        found = next((value for key, value in self.pairs if key == name), "")
        return found if raw else self._resolved(found, environ)

    def exists(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def variables(self, environ: Mapping[str, str], raw: bool | None = None) -> list[EnvVariable]:
        return [EnvVariable(self.engine, name, self.get(name, environ, raw)) for name, _ in sorted(self.pairs)]

    def with_variable(self, name: str, value: str) -> "EnvFile":
        # One that is set again keeps its place.
        return replace(self, pairs=tuple({**dict(self.pairs), name: value}.items()))

    def without_variable(self, name: str) -> "EnvFile":
        return replace(self, pairs=tuple(pair for pair in self.pairs if pair[0] != name))

    def namespace(self, prefix: str) -> "EnvFile":
        starts = tuple({f"{each.rstrip('_')}_".lower() for each in (prefix, camel(prefix), snake(camel(prefix)))})
        inside = [(key, value) for key, value in self.pairs if key.lower().startswith(starts)]
        others = tuple(pair for pair in self.pairs if pair not in inside)
        length = {key: max(len(each) for each in starts if key.lower().startswith(each)) for key, _ in inside}
        kept = tuple((key[length[key] :], value) for key, value in inside)
        return replace(self, pairs=kept, context=(*self.context, *others))

    def _resolved(self, value: str, environ: Mapping[str, str], within: frozenset[str] = frozenset()) -> str:
        """Take quotes off and put in what is referred to; a single-quoted value refers to nothing."""
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
        if quoted and value[0] == "'":
            return value[1:-1]
        known = dict([*self.context, *self.pairs])

        def look_up(name: str) -> str:
            if name in known and name not in within:
                return self._resolved(known[name], environ, within | {name})
            return environ.get(name, "")

        return expanded(value[1:-1] if quoted else value, look_up)


def read_env_file(engine: Any, text: str, *, expand: bool = False) -> EnvFile:
    """Read lines of NAME=VALUE as Dagger does: a line without a sign is a name without a value, a comment too."""
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        if said := line.strip().removeprefix("export "):
            name, _, value = said.partition("=")
            pairs[name.strip()] = value.strip()
    return EnvFile(engine, tuple(pairs.items()), expand)
