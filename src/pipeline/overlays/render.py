"""Render overlays: kustomize in a container, on a directory."""

from collections.abc import Awaitable, Sequence
from pathlib import Path

import dagger
from dagger import dag

from pipeline.errors import PipelineError, explained
from pipeline.tools import for_each

from .files import contents
from .kustomization import Edit

TREE = "/work/tree"
_RENDERED = "/work/rendered"
AT_ONCE = 4


class EditFailed(PipelineError):
    """An overlay that kustomize could not edit or render."""


async def rendered(tools: dagger.Container, directory: dagger.Directory, edits: Sequence[Edit]) -> dict[str, str]:
    """Return what the overlays render to as they are, by service."""
    return by_service(await attempt(contents(render(within(tools, directory), edits))))


async def rendering(tools: dagger.Container, directory: dagger.Directory, overlay: str) -> str:
    """Return what one overlay renders to.

    Raises:
        EditFailed: it does not render.
    """
    place = f"{_RENDERED}.yaml"  # not its standard output: that is everybody's log
    command = ["kustomize", "build", overlay, "--output", place]
    try:
        return await within(tools, directory).with_exec(command).file(place).contents()
    except dagger.ExecError as error:
        msg = f"{overlay} does not render: correct it: {_reason(error)}"
        raise EditFailed(msg) from None


def by_service(files: dict[str, str]) -> dict[str, str]:
    """Return what was rendered by service: each has a file of its name."""
    return {Path(path).stem: text for path, text in files.items()}


def within(tools: dagger.Container, directory: dagger.Directory) -> dagger.Container:
    """Return the tools' container, working in a directory."""
    return tools.with_mounted_directory(TREE, directory).with_workdir(TREE)


def render(container: dagger.Container, edits: Sequence[Edit]) -> dagger.Directory:
    """Render overlays, each to a file of its own: what several processes print at once would mix."""
    words = "\n".join(f"{edit.overlay} --output {_RENDERED}/{edit.service}.yaml" for edit in edits)
    command = for_each(["kustomize", "build"], takes=3, at_once=AT_ONCE)
    return container.with_directory(_RENDERED, dag.directory()).with_exec(command, stdin=words).directory(_RENDERED)


async def attempt(work: Awaitable[dict[str, str]]) -> dict[str, str]:
    """Wait for what kustomize does.

    Raises:
        EditFailed: naming its reason.
    """
    try:
        return await work
    except dagger.ExecError as error:
        msg = f"kustomize failed: correct the overlay: {_reason(error)}"
        raise EditFailed(msg) from None


def _reason(error: dagger.ExecError) -> str:
    """Return what kustomize names as the error: it is followed by how kustomize is used."""
    named = [line for line in error.stderr.splitlines() if line.startswith("Error: ")]
    return "; ".join(line.removeprefix("Error: ") for line in named) or explained(error)
