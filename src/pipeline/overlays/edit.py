"""Edit overlays: their images are set in place, and kustomize, which edits a copy, judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagger
from dagger import dag

from pipeline.tools import counted, for_each, shown

from .in_place import written
from .kustomization import Edit, InvalidOverlay, file_of
from .references import check_rendered
from .render import AT_ONCE, TREE, render, within

_COPY = "/work/copy"
_TEXTS = "/work/texts"


@dataclass(frozen=True, slots=True)
class Edited:
    """A directory after its edits; the overlays' files by path, and what they render to by place."""

    directory: dagger.Directory
    files: dict[str, str]
    rendered: dict[str, str]


@shown(lambda _tools, _directory, _files, edits: f"edit and render {counted(edits, 'overlay')}")
async def edited(
    tools: dagger.Container, directory: dagger.Directory, files: Mapping[str, str], edits: Sequence[Edit]
) -> Edited:
    """Set the images of overlays, and see that each renders exactly the reference that it is to pin.

    `kustomize edit` would write the whole file anew, without most of its comments. So it does that to a copy, and what
    is written in place must render to the same.

    Args:
        tools: the container with kustomize.
        directory: the repository.
        files: the content of its overlays' files, by path.
        edits: what the overlays are to pin.

    Raises:
        EditFailed: kustomize failed.
        InvalidOverlay: an overlay cannot be edited in place, or renders something else.
    """
    paths = {edit.place: file_of(files, edit.overlay) for edit in edits}
    texts: dict[str, str] = {}
    for edit in edits:  # services may share an overlay
        path = paths[edit.place]
        texts[path] = written(texts.get(path, files[path]), edit.entry, path)
    before = within(tools, directory)
    after = _with_texts(_with_copy(before, directory, edits), texts)
    places = {edit.place: edit.overlay for edit in edits}
    copies = {f"{place}.copy": f"{_COPY}/{overlay}" for place, overlay in places.items()}
    found = await render(after, places | copies, before, edits)
    for edit in edits:
        check_rendered(edit.image, edit.pin, found[edit.place], edit.overlay)
        if found[edit.place] != found[f"{edit.place}.copy"]:
            msg = (
                f"{paths[edit.place]} renders something else than after kustomize edit set image "
                f"{edit.image}={edit.pin.reference}: make that edit by hand, or write the entry's values out"
            )
            raise InvalidOverlay(msg)
    return Edited(after.directory(TREE), texts, {place: found[place] for place in places})


def _with_copy(container: dagger.Container, directory: dagger.Directory, edits: Sequence[Edit]) -> dagger.Container:
    """Let kustomize edit a copy: overlays side by side, and what is in one of them one after another."""
    container = container.with_mounted_directory(_COPY, directory)
    left = list(edits)
    while left:
        now = list({edit.overlay: edit for edit in left}.values())
        left = [edit for edit in left if edit not in now]
        words = [f"{_COPY}/{edit.overlay} kustomize edit set image {edit.image}={edit.pin.reference}" for edit in now]
        command = for_each(["within"], takes=6, at_once=AT_ONCE)
        container = container.with_exec(command, stdin="\n".join(words))
    return container


def _with_texts(container: dagger.Container, texts: Mapping[str, str]) -> dagger.Container:
    """Put texts into files that are there: `cp` leaves a file's mode as it is."""
    folder = dag.directory()
    for path, text in texts.items():
        folder = folder.with_new_file(path, text)
    words = "\n".join(f"{_TEXTS}/{path} {path}" for path in texts)
    command = for_each(["cp"], takes=2, at_once=AT_ONCE)
    return container.with_mounted_directory(_TEXTS, folder).with_exec(command, stdin=words)
