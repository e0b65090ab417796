"""Read what files held before, from a clone's history."""

from collections.abc import Sequence

import dagger

_TREE = "/work/tree"
_COMMITS = 300  # how far back a rollback looks


async def past(tools: dagger.Container, clone: dagger.Directory, paths: Sequence[str]) -> dict[str, list[str]]:
    """Return the contents of files, by path, at every commit of the branch that changed them, oldest first."""
    container = tools.with_mounted_directory(_TREE, clone).with_workdir(_TREE)
    log = ["git", "log", "--first-parent", f"--max-count={_COMMITS}", "--format=format:%H", "--name-only", "--"]
    changes = _changes(await container.with_exec([*log, *paths]).stdout(), set(paths))
    wanted = "".join(f"{commit}:{path}\n" for commit, path in changes)
    found = await container.with_exec(["git", "cat-file", "--batch"], stdin=wanted).stdout() if wanted else ""
    result: dict[str, list[str]] = {path: [] for path in paths}
    for (_, path), text in zip(changes, blobs(found), strict=True):
        if text is not None:
            result[path].insert(0, text)
    return result


def _changes(log: str, paths: set[str]) -> list[tuple[str, str]]:
    """Return commit and path of every change, newest first."""
    changes, commit = [], ""
    for line in log.splitlines():
        if line in paths:
            changes.append((commit, line))
        elif line:
            commit = line
    return changes


def blobs(batch: str) -> list[str | None]:
    """Split what `git cat-file --batch` prints; None for an object that is not there."""
    data = batch.encode()
    result: list[str | None] = []
    while data:
        head, _, data = data.partition(b"\n")
        if head.endswith(b" missing"):
            result.append(None)
            continue
        size = int(head.rsplit(b" ", 1)[1])
        result.append(data[:size].decode())
        data = data[size + 1 :]
    return result
