"""Look at overlays and edit them: kustomize in a container, on a directory."""

import shutil
import uuid
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import dagger
from dagger import dag

from ._errors import PipelineError
from ._overlay import FILE, Pin, check_rendered
from ._surface import explained
from ._toolbox import for_each

_TREE = "/work/tree"
_RENDERED = "/work/rendered"
_AT_ONCE = 4


class EditFailed(PipelineError):
    """An overlay that kustomize could not edit or render."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What one overlay is to pin for its service."""

    service: str
    overlay: str
    pin: Pin

    @property
    def file(self) -> str:
        """The path of the overlay's kustomization.yaml."""
        return f"{self.overlay}/{FILE}"


@dataclass(frozen=True, slots=True)
class Edited:
    """A directory after its edits; the overlays' files by path, and what they render to by service."""

    directory: dagger.Directory
    files: dict[str, str]
    rendered: dict[str, str]


async def kustomizations(directory: dagger.Directory, manifests: str) -> dict[str, str]:
    """Return the contents of all overlays' kustomization.yaml, by path."""
    include = [f"{manifests}/*/overlays/*/{FILE}"]
    return await _contents(dag.directory().with_directory("/", directory, include=include))


async def rendered(tools: dagger.Container, directory: dagger.Directory, edits: Sequence[Edit]) -> dict[str, str]:
    """Return what the overlays render to as they are, by service."""
    return _by_service(await _attempt(_contents(_render(_within(tools, directory), edits))))


async def rendering(tools: dagger.Container, directory: dagger.Directory, overlay: str) -> str:
    """Return what one overlay renders to.

    Raises:
        EditFailed: it does not render.
    """
    place = f"{_RENDERED}.yaml"  # not its standard output: that is everybody's log
    command = ["kustomize", "build", overlay, "--output", place]
    try:
        return await _within(tools, directory).with_exec(command).file(place).contents()
    except dagger.ExecError as error:
        msg = f"{overlay} does not render: correct it: {_reason(error)}"
        raise EditFailed(msg) from None


async def edited(tools: dagger.Container, directory: dagger.Directory, edits: Sequence[Edit]) -> Edited:
    """Set the images of overlays, and see that each renders exactly the reference that it is to pin.

    Raises:
        EditFailed: kustomize failed.
        InvalidOverlay: an overlay renders something else.
    """
    words = "\n".join(f"{edit.overlay} kustomize edit set image {edit.service}={edit.pin.reference}" for edit in edits)
    container = _within(tools, directory).with_exec(for_each(["within"], takes=6, at_once=_AT_ONCE), stdin=words)
    after = container.directory(_TREE)
    both = (
        dag.directory()
        .with_directory("rendered", _render(container, edits))
        .with_directory("files", after, include=[f"**/{FILE}"])
    )
    found = await _attempt(_contents(both))
    files = {edit.file: found[f"files/{edit.file}"] for edit in edits}
    manifests = _by_service({path: text for path, text in found.items() if path.startswith("rendered/")})
    for edit in edits:
        check_rendered(edit.pin, manifests[edit.service], edit.overlay)
    return Edited(after, files, manifests)


def _by_service(files: dict[str, str]) -> dict[str, str]:
    return {Path(path).stem: text for path, text in files.items()}


def _within(tools: dagger.Container, directory: dagger.Directory) -> dagger.Container:
    return tools.with_mounted_directory(_TREE, directory).with_workdir(_TREE)


def _render(container: dagger.Container, edits: Sequence[Edit]) -> dagger.Directory:
    """Render overlays, each to a file of its own: what several processes print at once would mix."""
    words = "\n".join(f"{edit.overlay} --output {_RENDERED}/{edit.service}.yaml" for edit in edits)
    command = for_each(["kustomize", "build"], takes=3, at_once=_AT_ONCE)
    return container.with_directory(_RENDERED, dag.directory()).with_exec(command, stdin=words).directory(_RENDERED)


async def _contents(directory: dagger.Directory) -> dict[str, str]:
    # One export instead of a query a file; to a name of its own, for calls may share a working directory.
    place = Path(await directory.export(f"export-{uuid.uuid4().hex}"))
    return await anyio.to_thread.run_sync(_read_and_remove, place)


def _read_and_remove(place: Path) -> dict[str, str]:
    try:
        # A link of the repository would be followed here, out of it.
        files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
        return {path.relative_to(place).as_posix(): path.read_text("utf-8", "replace") for path in files}
    finally:
        shutil.rmtree(place)


async def _attempt(work: Awaitable[dict[str, str]]) -> dict[str, str]:
    try:
        return await work
    except dagger.ExecError as error:
        msg = f"kustomize failed: correct the overlay: {_reason(error)}"
        raise EditFailed(msg) from None


def _reason(error: dagger.ExecError) -> str:
    """Return what kustomize names as the error: it is followed by how kustomize is used."""
    named = [line for line in error.stderr.splitlines() if line.startswith("Error: ")]
    return "; ".join(line.removeprefix("Error: ") for line in named) or explained(error)
