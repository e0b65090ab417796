"""Build the stages that a target needs, side by side where they do not wait for each other."""

import asyncio
from typing import Any

from dagger_local.building.copy import copy
from dagger_local.building.metadata import absolute, configure, declare
from dagger_local.building.run import run
from dagger_local.building.state import State
from dagger_local.building.tools import Request, Scope, Tools
from dagger_local.building.workdir import make_workdir
from dagger_local.disk import NoSpaceError
from dagger_local.dockerfile.errors import DockerfileError
from dagger_local.dockerfile.instructions import Instruction, read_trigger
from dagger_local.dockerfile.stages import Dockerfile, Stage, check_reference
from dagger_local.dockerfile.words import expand
from dagger_local.errors import EngineError, ExecError
from dagger_local.images.model import Image, image_tree
from dagger_local.progress import step
from dagger_local.store.tree import Tree


async def build(dockerfile: Dockerfile, tools: Tools, request: Request) -> State:
    """Return the target as it was built. Raises EngineError, ExecError when a RUN fails."""
    building = _Building(dockerfile, tools, request)
    try:
        async with asyncio.TaskGroup() as group:
            return await building.begin(group)
    except BaseExceptionGroup as failed:
        raise _first(failed) from None


def _first(failed: BaseExceptionGroup[Any]) -> BaseException:
    first = failed.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


class _Building:
    """One build: each stage and each image once."""

    def __init__(self, dockerfile: Dockerfile, tools: Tools, request: Request) -> None:
        self._dockerfile = dockerfile
        self._tools = tools
        self._request = request
        self._stages: dict[int, asyncio.Task[State]] = {}
        self._images: dict[tuple[str, str], asyncio.Task[Image | EngineError]] = {}
        self._group: asyncio.TaskGroup

    async def begin(self, group: asyncio.TaskGroup) -> State:
        """Start all that the target is known to need, and wait for the target."""
        self._group = group
        for stage in self._needed():
            self._task(stage)
        return await self._task(self._dockerfile.target)

    def _needed(self) -> list[Stage]:
        needed: dict[int, Stage] = {}
        pending = [self._dockerfile.target]
        while pending:
            stage = pending.pop()
            if stage.number not in needed:
                needed[stage.number] = stage
                pending += [*self._dockerfile.sources(stage).values(), *([stage.parent] if stage.parent else [])]
        return [needed[number] for number in sorted(needed)]

    def _task(self, stage: Stage) -> "asyncio.Task[State]":
        if stage.number not in self._stages:
            self._stages[stage.number] = self._group.create_task(self._build(stage))
        return self._stages[stage.number]

    async def _pull(self, one: Instruction, reference: str, platform: str) -> Image:
        wanted = (reference, platform)
        if wanted not in self._images:
            self._images[wanted] = self._group.create_task(self._pulled(reference, platform))
        image = await self._images[wanted]
        if isinstance(image, EngineError):
            raise _located(one, image)
        return image

    async def _pulled(self, reference: str, platform: str) -> Image | EngineError:
        """Return an image, or why there is none: that is an error of the instructions that need it."""
        try:
            return await self._tools.pull(reference, platform)
        except EngineError as error:
            return error

    async def _build(self, stage: Stage) -> State:
        state = await self._base(stage)
        triggers = [read_trigger(text, stage.begin) for text in state.config.get("OnBuild") or ()]
        state = state.configured(OnBuild=None)
        for one in (*triggers, *stage.commands):
            state = await self._apply(stage, one, state)
        return state

    async def _base(self, stage: Stage) -> State:
        if stage.parent:
            parent = await self._task(stage.parent)
            return parent.begun(parent.platform)
        platform = stage.platform or self._request.given.platform
        if stage.base == "scratch":
            return State(platform).begun(platform)
        image = await self._pull(stage.begin, stage.base, platform)
        config = {name: value for name, value in (image.config.get("config") or {}).items() if value is not None}
        return State(platform, image, (), config).begun(platform)

    async def _apply(self, stage: Stage, one: Instruction, state: State) -> State:
        def fill(word: str) -> str:
            return expand(word, state.variables, self._dockerfile.escape)

        async def trees(name: str, by: Instruction) -> Tree:
            return await self._tree(stage, name, by)

        scope = Scope(self._tools, self._request, fill, trees)
        try:
            if one.keyword == "RUN":
                return await run(one, state, scope)
            if one.keyword == "ARG":
                given, known = self._request.given.args, self._dockerfile.arguments
                return declare(one, state, lambda word, values: expand(word, values, self._dockerfile.escape),
                               given, known)  # fmt: skip
            if one.keyword in ("COPY", "ADD"):
                name = one.flags.text("from")
                tree = await trees(name, one) if name else self._request.context
                with step(_shown(one)):
                    return await copy(one, state, scope, tree)
            if one.keyword == "WORKDIR":
                path = absolute(fill(one.args[0]), state.workdir)
                with step(_shown(one)):
                    return await make_workdir(state.configured(WorkingDir=path), self._tools)
            return configure(one, state, fill)
        except ValueError as error:
            raise one.error(str(error)) from None
        except FileNotFoundError as error:
            raise one.error(f"{error.args[0]}: no such file or folder in {_place(one)}") from None
        except EngineError as error:
            raise _located(one, error) from None

    async def _tree(self, stage: Stage, name: str, by: Instruction) -> Tree:
        """Return the files of another stage, or of an image."""
        source = self._dockerfile.source(name, by)
        if source is None:
            if name == "scratch":
                return ()
            check_reference(by, name)
            return image_tree(await self._pull(by, name, self._request.given.platform))
        if source.number >= stage.number:
            raise by.error(f"--from={name}: that stage comes later; move it before this one")
        return (await self._task(source)).tree


def _place(one: Instruction) -> str:
    source = one.flags.text("from")
    return f"--from={source}" if source else "the build context (does an ignore file leave it out?)"


def _located(one: Instruction, error: EngineError) -> EngineError:
    """Name the instruction in an error, unless the error does so itself."""
    return error if isinstance(error, DockerfileError | ExecError | NoSpaceError) else one.error(str(error))


def _shown(one: Instruction) -> str:
    return " ".join(one.text.split())
