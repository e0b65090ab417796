"""A module that a session serves, with its types."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dagger_local.api.names import camel
from dagger_local.cli import typedefs
from dagger_local.cli.engine import Engine
from dagger_local.cli.module import ModuleAt, find_module
from dagger_local.cli.names import same
from dagger_local.cli.parse import Types, constructor_of, main_object
from dagger_local.cli.typedefs import Function, Object, Type, TypeDefs


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """A served module: `field` is its constructor's name on Query."""

    at: ModuleAt
    field: str
    main: Object
    constructor: Function
    types: Types


async def load(session: Engine, wanted: str, cwd: Path, *, entrypoint: bool = False) -> LoadedModule:
    """Serve the module at `wanted` (or found from `cwd`) and read its types."""
    at = find_module(wanted, cwd)
    await session.load_module(at.path, entrypoint=entrypoint)
    known = typedefs.read(await session.query(typedefs.QUERY))
    main = main_object(known.objects, at.name, same)
    constructor = replace(constructor_of(main), returns=Type("OBJECT", main.name))

    return LoadedModule(at, camel(at.name), main, constructor, Types(_lookup(known), known.enums))


def _lookup(known: TypeDefs) -> Callable[[str], Object | None]:
    def look_up(name: str) -> Object | None:
        if found := known.objects.get(name):
            return found
        from dagger_local.cli.core import core_object  # noqa: PLC0415 - reading the engine's schema takes time

        return core_object(name)

    return look_up
