"""Read what files held before, from a clone's history."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread
import dagger

from pipeline.tools import FETCH_VERSIONS, counted, patient, shown

from .remote import PATIENCE, Remote

TREE = "/work/tree"
_PRINTED = "/work/printed"
_COMMITS = 300  # how far back a rollback looks
_LAST = 253_402_300_799  # the last second that a datetime can say; a commit may say any


@dataclass(frozen=True, slots=True)
class Dated:
    """What files held, by path, since when, and whether a commit made it so that says it is a promotion."""

    time: datetime
    files: dict[str, str]
    promoted: bool


async def dated_contents(remote: Remote, clone: dagger.Directory, paths: Sequence[str]) -> list[Dated]:
    """Return what files held after every commit of the branch that changed any, oldest first.

    Args:
        remote: what the clone was made from, and lacks old files of.
        clone: the branch, with all its commits.
        paths: the files.
    """
    return (await lately(remote, clone, paths))[0]


@shown(lambda _, __, paths: f"read what {counted(paths, 'overlay')} held before")
async def lately(remote: Remote, clone: dagger.Directory, paths: Sequence[str]) -> tuple[list[Dated], bool]:
    """Return the same of a clone that may have the last commits alone, and whether it has all.

    If not, the first are what its first commit has.
    """
    container = remote.working_on(clone).with_exec(patient(PATIENCE, FETCH_VERSIONS, str(_COMMITS), *paths))
    whole, *lines = (await container.stdout()).splitlines()
    commits = [line.split(" ") for line in reversed(lines)]
    wanted = "".join(f"{commit}:{path}\n" for commit, *_ in commits for path in paths)
    found = iter(blobs(await printed(container, ["git", "cat-file", "--batch"], wanted) if wanted else b""))
    each = [{path: next(found) for path in paths} for _ in commits]
    dated = [
        Dated(
            moment(int(time)),
            {path: content.decode("utf-8", "replace") for path, content in files.items() if content is not None},
            bool(promoted),
        )
        for (_, time, *promoted), files in zip(commits, each, strict=True)
    ]
    return dated, whole == "whole"


def moment(seconds: int) -> datetime:
    """Return a commit's time in UTC; people set clocks, and what is no time any more is the last one."""
    return datetime.fromtimestamp(min(seconds, _LAST), UTC)


async def printed(container: dagger.Container, command: Sequence[str], stdin: str = "") -> bytes:
    """Return what a command prints as it is: the API's texts are UTF-8, an old overlay need not be."""
    file = container.with_exec(["into", _PRINTED, *command], stdin=stdin).file(_PRINTED)
    place = Path(await file.export(f"history-{uuid.uuid4().hex}"))
    return await anyio.to_thread.run_sync(_read_and_remove, place)


def _read_and_remove(place: Path) -> bytes:
    try:
        return place.read_bytes()
    finally:
        place.unlink()


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
