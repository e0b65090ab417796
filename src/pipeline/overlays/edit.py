"""Edit overlays: kustomize sets their images, on a directory."""

from collections.abc import Sequence
from dataclasses import dataclass

import dagger
from dagger import dag

from pipeline.tools import for_each

from .files import contents
from .kustomization import FILE, Edit, check_rendered
from .render import AT_ONCE, TREE, attempt, by_service, render, within


@dataclass(frozen=True, slots=True)
class Edited:
    """A directory after its edits; the overlays' files by path, and what they render to by service."""

    directory: dagger.Directory
    files: dict[str, str]
    rendered: dict[str, str]


async def edited(tools: dagger.Container, directory: dagger.Directory, edits: Sequence[Edit]) -> Edited:
    """Set the images of overlays, and see that each renders exactly the reference that it is to pin.

    Raises:
        EditFailed: kustomize failed.
        InvalidOverlay: an overlay renders something else.
    """
    words = "\n".join(f"{edit.overlay} kustomize edit set image {edit.image}={edit.pin.reference}" for edit in edits)
    container = within(tools, directory).with_exec(for_each(["within"], takes=6, at_once=AT_ONCE), stdin=words)
    after = container.directory(TREE)
    both = (
        dag.directory()
        .with_directory("rendered", render(container, edits))
        .with_directory("files", after, include=[f"**/{FILE}"])
    )
    found = await attempt(contents(both))
    files = {edit.file: found[f"files/{edit.file}"] for edit in edits}
    manifests = by_service({path: text for path, text in found.items() if path.startswith("rendered/")})
    for edit in edits:
        check_rendered(edit.pin, manifests[edit.service], edit.overlay)
    return Edited(after, files, manifests)
