"""Generator: a module's function that gives back what the project's files have to become, as a changeset."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from dagger_local.api.objects.base import Object, fresh
from dagger_local.api.objects.changeset import Changeset
from dagger_local.api.objects.directory import Directory
from dagger_local.errors import EngineError
from dagger_local.progress import step


def chosen(name: str, include: Sequence[str] | None) -> bool:
    """Whether a check or generator is one of `include`, lies below one, or matches it as a glob."""
    return not include or any(
        name == each or name.startswith(f"{each}:") or fnmatchcase(name, each) for each in include
    )


@dataclass(frozen=True, slots=True)
class Generator(Object):
    """A generator; what it made is there once it ran."""

    name: str = ""
    description: str = ""
    action: Callable[[], Awaitable[Changeset]] | None = field(default=None, repr=False)
    made: Changeset | None = None
    original_module: Any = field(default=None, repr=False)

    def path(self) -> list[str]:
        return self.name.split(":")

    def completed(self) -> bool:
        return self.made is not None

    @fresh
    async def run(self) -> "Generator":
        with step(f"generate {self.name}"):
            return replace(self, made=await self.action() if self.action else None)

    def changes(self) -> Changeset:
        return self._ran("changes")

    async def is_empty(self) -> bool:
        return await self._ran("isEmpty").is_empty()

    def _ran(self, asked: str) -> Changeset:
        if self.made is None:
            raise EngineError(f'generator "{self.name}" must be run before querying {asked}')
        return self.made

    async def check(self) -> None:
        """Refuse files that it would change: raises EngineError."""
        made = (await self.run()).changes()
        if not await made.is_empty():
            paths = await made.paths()
            names = ", ".join(path for path in paths.all() if not path.endswith("/"))
            raise EngineError(
                f"generate function {self.name} produced changes; run 'dagger generate {self.name}' to apply: {names}"
            )


@dataclass(frozen=True, slots=True)
class GeneratorGroup(Object):
    """Several generators, run side by side."""

    given: tuple[Generator, ...] = ()

    def matching(self, include: Sequence[str] | None) -> "GeneratorGroup":
        """Keep the generators that `include` chooses."""
        return replace(self, given=tuple(each for each in self.given if chosen(each.name, include)))

    def list(self) -> Sequence[Generator]:
        return self.given

    @fresh
    async def run(self) -> "GeneratorGroup":
        return replace(self, given=tuple(await asyncio.gather(*(each.run() for each in self.given))))

    async def is_empty(self) -> bool:
        return all([await each.is_empty() for each in self.given])

    async def changes(self, on_conflict: str = "FAIL_EARLY") -> Changeset:
        nothing = Changeset(self.engine, Directory(self.engine), Directory(self.engine))
        return await nothing.with_changesets([each.changes() for each in self.given], on_conflict)
