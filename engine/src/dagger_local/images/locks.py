"""Locks: between tasks of this process, and between processes through a file."""

import asyncio
import contextlib
import fcntl
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

_POLL = 0.05


@contextlib.asynccontextmanager
async def file_lock(path: Path) -> AsyncIterator[None]:
    """Hold `path` exclusively; the kernel lets go when the process dies, however it dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _try_lock(descriptor, fcntl.LOCK_EX):  # noqa: ASYNC110  (the kernel tells nobody)
            await asyncio.sleep(_POLL)
        yield
    finally:
        os.close(descriptor)


class Presence:
    """A shared hold on a file for as long as this process lives: whoever gets it alone first is alone."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def alone(self) -> bool:
        """Tell whether no other process holds the file; if so, hold it exclusively until `share`."""
        return _try_lock(self._descriptor, fcntl.LOCK_EX)

    def close(self) -> None:
        """Let go."""
        os.close(self._descriptor)

    async def share(self) -> None:
        """Go over to (or take) the shared hold."""
        while not _try_lock(self._descriptor, fcntl.LOCK_SH):  # noqa: ASYNC110
            await asyncio.sleep(_POLL)


class Keyed:
    """One lock a key, so that equal work in this process is done once."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def __getitem__(self, key: str) -> asyncio.Lock:
        return self._locks[key]


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
