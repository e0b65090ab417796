"""Read what files held before, from a clone's history."""

import uuid
from collections.abc import Sequence
from pathlib import Path

import anyio.to_thread
import dagger

_TREE = "/work/tree"
_PRINTED = "/work/printed"
_COMMITS = 300  # how far back a rollback looks


async def past(tools: dagger.Container, clone: dagger.Directory, paths: Sequence[str]) -> dict[str, list[str]]:
    """Return the contents of files, by path, at every commit of the branch that changed them, oldest first."""
    container = tools.with_mounted_directory(_TREE, clone).with_workdir(_TREE)
    log = ["git", "log", "--first-parent", f"--max-count={_COMMITS}", "--format=format:%H", "--name-only", "--"]
    changes = _changes(await container.with_exec([*log, *paths]).stdout(), set(paths))
    wanted = "".join(f"{commit}:{path}\n" for commit, path in changes)
    found = await _printed(container, ["git", "cat-file", "--batch"], wanted) if wanted else b""
    result: dict[str, list[str]] = {path: [] for path in paths}
    for (_, path), content in zip(changes, blobs(found), strict=True):
        if content is not None:
            result[path].insert(0, content.decode("utf-8", "replace"))
    return result


async def _printed(container: dagger.Container, command: Sequence[str], stdin: str) -> bytes:
    """Return what a command prints as it is: the API's texts are UTF-8, an old overlay need not be."""
    file = container.with_exec(["into", _PRINTED, *command], stdin=stdin).file(_PRINTED)
    place = Path(await file.export(f"past-{uuid.uuid4().hex}"))
    return await anyio.to_thread.run_sync(_read_and_remove, place)


def _read_and_remove(place: Path) -> bytes:
    try:
        return place.read_bytes()
    finally:
        place.unlink()


def _changes(log: str, paths: set[str]) -> list[tuple[str, str]]:
    """Return commit and path of every change, newest first."""
    changes, commit = [], ""
    for line in log.splitlines():
        if line in paths:
            changes.append((commit, line))
        elif line:
            commit = line
    return changes


def blobs(batch: bytes) -> list[bytes | None]:
    """Split what `git cat-file --batch` prints; None for an object that is not there."""
    result: list[bytes | None] = []
    while batch:
        head, _, batch = batch.partition(b"\n")
        if head.endswith(b" missing"):
            result.append(None)
            continue
        size = int(head.rsplit(b" ", 1)[1])
        result.append(batch[:size])
        batch = batch[size + 1 :]
    return result
