"""Module: a module's types while it registers, and as it is served; calls of its functions; its checks."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dagger_local.api.objects.base import Object, fresh
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.generator import Generator, GeneratorGroup, chosen
from dagger_local.api.objects.host import directory_of_host
from dagger_local.api.objects.typedef import TypeDef
from dagger_local.api.objects.values import Error
from dagger_local.errors import EngineError, ExecError
from dagger_local.progress import step


@dataclass(frozen=True, slots=True)
class Module(Object):
    """A module's definition."""

    name: str = ""
    description: str = ""
    objects: tuple[TypeDef, ...] = ()
    interfaces: tuple[TypeDef, ...] = ()
    enums: tuple[TypeDef, ...] = ()
    given_checks: "tuple[Check, ...]" = ()
    given_generators: tuple[Generator, ...] = ()
    given_services: Callable[[], Any] | None = field(default=None, repr=False)

    def with_description(self, description: str) -> "Module":
        return replace(self, description=description)

    def with_object(self, object: TypeDef) -> "Module":
        return replace(self, objects=(*self.objects, object))

    def with_interface(self, iface: TypeDef) -> "Module":
        return replace(self, interfaces=(*self.interfaces, iface))

    def with_enum(self, enum: TypeDef) -> "Module":
        return replace(self, enums=(*self.enums, enum))

    def checks(
        self,
        include: Sequence[str] | None = None,
        no_generate: bool | None = None,
        only_generate: bool | None = None,
    ) -> "CheckGroup":
        checks = () if only_generate else self.given_checks
        names = {each.name for each in checks}
        generators = () if no_generate else (each for each in self.given_generators if each.name not in names)
        stale = tuple(
            Check(
                *(self.engine, each.name, each.description, each.check, "generate"),
                original_module=each.original_module,
            )
            for each in generators
        )
        return CheckGroup(self.engine, (*checks, *stale)).matching(include)

    def generators(self, include: Sequence[str] | None = None) -> GeneratorGroup:
        return GeneratorGroup(self.engine, self.given_generators).matching(include)

    def generator(self, name: str) -> Generator:
        found = self.generators([name]).given
        if not found:
            raise EngineError(f"the module has no generator {name!r}; list them with `generate -l`")
        return found[0]

    def check(self, name: str) -> "Check":
        found = self.checks([name]).given
        if not found:
            raise EngineError(f"the module has no check {name!r}; list them with `check -l`")
        return found[0]


@dataclass(frozen=True, slots=True)
class Check(Object):
    """A check: a function that raises when something is wrong. `passed` is meaningful once `completed`."""

    name: str = ""
    description: str = ""
    action: Callable[[], Awaitable[object]] = field(default=lambda: asyncio.sleep(0), repr=False)
    check_type: str = "check"
    completed: bool = False
    passed: bool = False
    error: Error | None = None
    original_module: "Module | None" = field(default=None, repr=False)

    def path(self) -> list[str]:
        return self.name.split(":")

    def result_emoji(self) -> str:
        return ("✅" if self.passed else "❌") if self.completed else ""

    @fresh
    async def run(self) -> "Check":
        try:
            with step(f"check {self.name}"):
                await self.action()
        except ExecError as error:
            tail = "\n".join((error.stdout + error.stderr).strip().splitlines()[-20:])
            return replace(self, completed=True, error=Error(self.engine, f"{error}\n{tail}"))
        except EngineError as error:
            return replace(self, completed=True, error=Error(self.engine, str(error)))
        return replace(self, completed=True, passed=True)


@dataclass(frozen=True, slots=True)
class CheckGroup(Object):
    """Several checks, run side by side."""

    given: tuple[Check, ...] = ()

    def matching(self, include: Sequence[str] | None) -> "CheckGroup":
        """Keep the checks that `include` chooses."""
        return replace(self, given=tuple(check for check in self.given if chosen(check.name, include)))

    def list(self) -> "Sequence[Check]":
        return self.given

    @fresh
    async def run(self, fail_fast: bool | None = None) -> "CheckGroup":
        tasks = [asyncio.ensure_future(check.run()) for check in self.given]
        if fail_fast:
            for task in asyncio.as_completed(tasks):
                if not (await task).passed:
                    for other in tasks:
                        other.cancel()
                    break
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result
        done = [
            result if isinstance(result, Check) else check for result, check in zip(results, self.given, strict=True)
        ]
        return replace(self, given=tuple(done))


@dataclass(frozen=True, slots=True)
class FunctionCallArgValue(Object):
    """An argument of a call, as JSON."""

    name: str = ""
    value: str = "null"


@dataclass(frozen=True, slots=True)
class FunctionCall(Object):
    """A call that a module's process was started for; its answer goes into `answer`."""

    parent_name: str = ""
    name: str = ""
    parent: str = "{}"
    given: Mapping[str, Any] = field(default_factory=dict)
    answer: "asyncio.Future[str] | None" = field(default=None, repr=False)

    def input_args(self) -> list[FunctionCallArgValue]:
        return [FunctionCallArgValue(self.engine, name, json.dumps(value)) for name, value in self.given.items()]

    def told(self) -> dict[str, Any]:
        """Return what a module's process is told of the call when it is started."""
        given = [(arg.name, arg.value) for arg in self.input_args()]
        return {"parent_name": self.parent_name, "name": self.name, "parent": self.parent, "input_args": given}

    def return_value(self, value: str) -> None:
        if self.answer and not self.answer.done():
            self.answer.set_result(value)

    def return_error(self, error: Error) -> None:
        if self.answer and not self.answer.done():
            self.answer.set_exception(_as_engine_error(error))


def _as_engine_error(error: Error) -> EngineError:
    """Return what a function's error is to its caller: a failed command stays one."""
    if error.value("_type") == "EXEC_ERROR":
        failed = ExecError(
            error.value("cmd") or [],
            error.value("exitCode") or 0,
            error.value("stdout") or "",
            error.value("stderr") or "",
        )
        failed.args = (error.message,)
        return failed
    return EngineError(error.message)


@dataclass(frozen=True, slots=True)
class CurrentModule(Object):
    """The module whose function asks."""

    name: str
    root: Path
    served: Module

    async def source(self) -> Directory:
        return await directory_of_host(self.engine, self.root, [".git", ".venv", "**/__pycache__"])

    def generators(self, include: Sequence[str] | None = None) -> GeneratorGroup:
        return self.served.generators(include)


@dataclass(frozen=True, slots=True)
class Workspace(Object):
    """The repository around the session's working directory, `path` the way to that, and what is served in it."""

    root: Path
    path: str = "."
    client_id: str = ""
    served: Module | None = None
    config_path: str = ""
    has_config: bool = False
    initialized: bool = False

    def address(self) -> str:
        return (self.root / self.path).as_uri()

    def checks(
        self,
        include: Sequence[str] | None = None,
        no_generate: bool | None = None,
        only_generate: bool | None = None,
    ) -> CheckGroup:
        return self.module().checks(include, no_generate, only_generate)

    def generators(self, include: Sequence[str] | None = None) -> GeneratorGroup:
        return self.module().generators(include)

    def module(self) -> Module:
        if self.served is None:
            raise EngineError("no module is served; name one with -m, or run in a folder with a dagger.json")
        return self.served
