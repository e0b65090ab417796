"""Render overlays: kustomize in a container, on a directory."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagger
from dagger import dag

from pipeline.errors import PipelineError, explained, last_lines
from pipeline.tools import counted, for_each, shown

from .files import contents
from .kustomization import Edit

TREE = "/work/tree"
_RENDERED = "/work/rendered"
AT_ONCE = 4


class EditFailed(PipelineError):
    """An overlay that kustomize could not edit or render."""


@shown(lambda _tools, _directory, edits: f"render {counted(edits, 'overlay')}")
async def rendered(tools: dagger.Container, directory: dagger.Directory, edits: Sequence[Edit]) -> dict[str, str]:
    """Return what the overlays render to as they are, by place."""
    container = within(tools, directory)
    return await render(container, {edit.place: edit.overlay for edit in edits}, container, edits)


@shown(lambda _tools, _directory, overlay: f"render {overlay}")
async def rendering(tools: dagger.Container, directory: dagger.Directory, overlay: str) -> str:
    """Return what one overlay renders to.

    Raises:
        EditFailed: it does not render.
    """
    return await _rendering(within(tools, directory), overlay)


async def _rendering(container: dagger.Container, overlay: str) -> str:
    place = f"{_RENDERED}.yaml"  # not its standard output: that is everybody's log
    command = ["kustomize", "build", overlay, "--output", place]
    try:
        return await container.with_exec(command).file(place).contents()
    except dagger.ExecError as error:
        msg = f"{overlay} does not render: correct it: {_reason(error)}"
        raise EditFailed(msg) from None


def within(tools: dagger.Container, directory: dagger.Directory) -> dagger.Container:
    """Return the tools' container, working in a directory."""
    return tools.with_mounted_directory(TREE, directory).with_workdir(TREE)


async def render(
    container: dagger.Container, places: Mapping[str, str], before: dagger.Container, edits: Sequence[Edit]
) -> dict[str, str]:
    """Render overlays side by side and return the manifests by name.

    Args:
        container: where they are, and what is to happen before.
        places: the overlays, each by a name.
        before: where they are as they were.
        edits: what is edited of them.

    Raises:
        EditFailed: naming the overlay that fails, and its reason.
    """
    # Each to a file of its own: what several processes print at once would mix.
    words = "\n".join(f"{overlay} --output {_RENDERED}/{name}.yaml" for name, overlay in places.items())
    command = for_each(["kustomize", "build"], takes=3, at_once=AT_ONCE)
    after = container.with_directory(_RENDERED, dag.directory()).with_exec(command, stdin=words)
    try:
        found = await contents(after.directory(_RENDERED))
        return {Path(path).stem: text for path, text in found.items()}
    except dagger.ExecError as error:
        # What they printed side by side does not say which one failed.
        for overlay in (edit.overlay for edit in edits):
            await _rendering(before, overlay)
        overlays = ", ".join(edit.overlay for edit in edits)
        msg = f"kustomize failed on {overlays}: {_reason(error)}"
        raise EditFailed(msg) from None


def _reason(error: dagger.ExecError) -> str:
    """Return what kustomize names as the error, all lines of it: what follows is how kustomize is used."""
    named = re.search(r"^Error: (.+?)(?=^Usage:|\Z)", error.stderr, re.MULTILINE | re.DOTALL)
    if not named:
        return explained(error)
    first, *rest = named[1].strip().splitlines()
    return first + last_lines("\n".join(rest), len(rest) or 1)
