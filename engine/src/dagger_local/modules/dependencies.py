"""The modules that a module depends on: each is read once a session, and started when it is first called.

Imported only for modules that depend on others.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from dagger_local.api.objects.module import Module
from dagger_local.engine import Engine
from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.modules.bindings import bindings
from dagger_local.modules.environment import python_of
from dagger_local.modules.process import ModuleProcess, start_process
from dagger_local.modules.served import ServedModule
from dagger_local.modules.source import Dependency, ModuleSource, read_module
from dagger_local.store.snapshots import key_of


@dataclass(slots=True)
class Bound:
    """What a module can call: the file of its bindings, and the definitions of the modules that they are for."""

    file: Path
    modules: dict[str, Module]
    missing: dict[str, str]
    """Why others cannot be called."""

    def module_of(self, type_name: str) -> str:
        """Return the module that has a type; empty when none of these has it."""
        for module in self.modules.values():
            if any(each.name() == type_name for each in (*module.objects, *module.interfaces, *module.enums)):
                return module.name
        return ""


@dataclass(slots=True)
class Dependencies:
    """The dependencies of a session's module, and theirs.

    `serve` takes a module that is to be served: its source, definition and process.
    """

    engine: Engine
    define: "Callable[[ModuleSource, LaterProcess, Bound | None], Awaitable[Module]]"
    serve: "Callable[[ModuleSource, Module, LaterProcess], ServedModule]"
    served: "dict[str, ServedModule]" = field(default_factory=dict)
    _processes: "list[LaterProcess]" = field(default_factory=list)
    _known: dict[tuple[Path, str], Module] = field(default_factory=dict)

    async def start(self, source: ModuleSource) -> tuple[ModuleProcess, Bound]:
        """Start the session's module with what it depends on."""
        bound = await self.of(source)
        return await start_process(source, await python_of(source, self.engine.state), bound.file), bound

    def offered(self, definition: Module, source: ModuleSource, bound: Bound) -> tuple[Module, Module]:
        """Return the module's definition with its toolchains, and the part of it that is not in the schema yet."""
        if not any(each.is_toolchain for each in source.dependencies):
            return definition, definition
        from dagger_local.modules import toolchains  # noqa: PLC0415 - few modules have any

        functions = self.engine.evaluator.functions
        return toolchains.offered(definition, source, bound.missing, self.served, functions)

    async def of(self, source: ModuleSource, above: tuple[ModuleSource, ...] = ()) -> Bound:
        """Read what `source` depends on, which `above` led to; raises EngineError for what Dagger refuses too."""
        found: dict[str, Module] = {}
        missing: dict[str, str] = {}
        for each in source.dependencies:
            try:
                found[each.name] = await self._module(source, each, (*above, source))
            except UnsupportedError as error:
                missing[each.name] = f"module {each.name}, on which {source.name} depends: {error}"
        return Bound(await asyncio.to_thread(self._written, bindings(found, missing)), found, missing)

    async def _module(self, source: ModuleSource, wanted: Dependency, above: tuple[ModuleSource, ...]) -> Module:
        root = place_of(source, wanted)
        if any(each.root == root for each in above):
            raise EngineError(
                f'module "{source.name}" has a circular dependency on itself through dependency "{wanted.name}"'
            )
        known = self._known.get((root, wanted.name))
        if known is not None:
            return known
        if any(name == wanted.name for _, name in self._known):
            raise UnsupportedError(f"another module of the same name, {root}")
        this = await asyncio.to_thread(read_module, root, wanted.name)
        this = replace(this, user=source.root) if wanted.is_toolchain else this
        bound = await self.of(this, above) if this.dependencies else None
        process = LaterProcess(this, await python_of(this, self.engine.state), bound)
        self._processes.append(process)
        definition = await self.define(this, process, bound)
        if wanted.settings.get("customizations"):
            definition = import_module("dagger_local.modules.toolchains").customized(definition, wanted)
        self._known[root, wanted.name] = definition
        self.served[wanted.name] = self.serve(this, definition, process)
        return definition

    def _written(self, text: str) -> Path:
        file = self.engine.state / "modules" / f"{key_of('bindings', text)}.py"
        if not file.exists():
            fresh = file.with_name(f"{file.name}.{uuid.uuid4().hex[:8]}")
            fresh.write_text(text)
            fresh.rename(file)
        return file

    @property
    def definitions(self) -> list[Module]:
        """The definitions of all of them."""
        return list(self._known.values())

    async def close(self) -> None:
        """End what was started."""
        for process in self._processes:
            await process.close()


class LaterProcess:
    """The process of a module that is not needed until it is called."""

    def __init__(self, source: ModuleSource, python: Path, bound: Bound | None) -> None:
        self.source = source
        self.python = python
        self.heard: Callable[[str], None] = lambda _: None
        self._bound = bound
        self._starting: asyncio.Task[ModuleProcess] | None = None

    async def call(self, *given: Any, **asked: Any) -> int:
        """Run a call, see ModuleProcess."""
        if self._starting is None:
            file = self._bound.file if self._bound else None
            self._starting = asyncio.create_task(start_process(self.source, self.python, file))
        process = await asyncio.shield(self._starting)
        process.heard = self.heard
        return await process.call(*given, **asked)

    async def close(self) -> None:
        """End the process, if it was started."""
        if self._starting is not None:
            await (await self._starting).close()


def place_of(source: ModuleSource, wanted: Dependency) -> Path:
    """Return the folder of a module that `source` depends on.

    Raises UnsupportedError for one that is not in its repository, EngineError in Dagger's words for what it refuses.
    """
    if not wanted.is_local:
        raise UnsupportedError(f"a module from {wanted.source}")
    if wanted.source.startswith("/"):
        raise EngineError(f'local module dep source path "{wanted.source}" is absolute')
    root = (source.root / wanted.source).resolve()
    context = source.context.resolve()
    if not root.is_relative_to(context):
        raise EngineError(f'local module dep source path "{wanted.source}" escapes context "{context}"')
    if not (root / "dagger.json").is_file():
        raise EngineError(f'module "{source.name}" depends on "{wanted.source}", where no dagger.json is')
    return root
