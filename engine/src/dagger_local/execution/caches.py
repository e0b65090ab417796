"""Cache volumes: folders that outlive executions."""

import asyncio
import contextlib
import fcntl
import itertools
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from dagger_local.execution.model import CacheMount
from dagger_local.store.guard import note_use
from dagger_local.store.snapshots import key_of
from dagger_local.store.writing import materialize


class Caches:
    """The cache volumes under `state/caches`, by key."""

    def __init__(self, state: Path) -> None:
        self._root = state / "caches"
        self._root.mkdir(exist_ok=True)

    @contextlib.asynccontextmanager
    async def use(self, mount: CacheMount) -> AsyncIterator[Path]:
        """Give the volume's folder. LOCKED waits until no one else has it; PRIVATE takes a copy no one else has."""
        folder = self._root / key_of(mount.key)
        async with contextlib.AsyncExitStack() as stack:
            if mount.sharing == "LOCKED":
                await _acquire(stack.enter_context(_lock_file(folder)))
            if mount.sharing == "PRIVATE":
                folder = stack.enter_context(_unused(folder))
            await asyncio.to_thread(_fill, folder, mount)
            note_use(folder)
            yield folder


def _fill(folder: Path, mount: CacheMount) -> None:
    if folder.exists():
        return
    fresh = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:8]}")
    fresh.mkdir()
    materialize(mount.source, fresh)
    if mount.owner != (0, 0):  # what is seeded has the owner too
        for path in (fresh, *fresh.rglob("*")):
            os.chown(path, *mount.owner, follow_symlinks=False)
    if mount.mode is not None:
        fresh.chmod(mount.mode)
    try:
        fresh.rename(folder)
    except OSError:  # another session was first
        shutil.rmtree(fresh, ignore_errors=True)


@contextlib.contextmanager
def _lock_file(folder: Path) -> Iterator[int]:
    handle = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def _unused(folder: Path) -> Iterator[Path]:
    """Hold the first of the volume's private copies that no one else holds."""
    for number in itertools.count():
        copy = folder.with_name(f"{folder.name}-{number}")
        with _lock_file(copy) as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield copy
            return


async def _acquire(handle: int) -> None:
    """Wait for the lock without keeping a thread: a cancelled waiter must not get it later."""
    delay = 0.005
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(delay)
            delay = min(delay * 2, 0.25)
