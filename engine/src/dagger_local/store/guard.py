"""Who uses the store, and what may go: sessions note what they use, collectors take what no living session has used."""

import contextlib
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from dagger_local import cgroups
from dagger_local.errors import EngineError

_GROUPS = "groups"  # names the control groups of the folder's process


class Guard:
    """A lock of a store, held for moments: shared by whoever notes a use, alone by whoever takes something away."""

    def __init__(self, state: Path) -> None:
        self._descriptor = os.open(state / "collecting", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextlib.contextmanager
    def using(self) -> Iterator[None]:
        """While this is held nothing is taken away."""
        with self._held(fcntl.LOCK_SH):
            yield

    @contextlib.contextmanager
    def taking(self) -> Iterator[None]:
        """While this is held nobody begins to use anything."""
        with self._held(fcntl.LOCK_EX):
            yield

    @contextlib.contextmanager
    def _held(self, kind: int) -> Iterator[None]:
        fcntl.flock(self._descriptor, kind)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go."""
        os.close(self._descriptor)


def note_use(place: Path) -> None:
    """Note that something is used now: the time of its folder or file says when it was last."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(place)


@contextlib.contextmanager
def _alone(drafts: Path) -> Iterator[None]:
    """Be the one who begins a session, or looks which live: a folder not yet locked looks like one left behind."""
    with (drafts / "claiming").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        yield


def oldest_session(drafts: Path) -> float:
    """Return when the oldest living session began (seconds since 1970), the present when none lives."""
    began = [time.time()]
    if not drafts.is_dir():
        return began[0]
    with _alone(drafts):
        began += _beginnings(drafts)
    return min(began)


def _beginnings(drafts: Path) -> Iterator[float]:
    for folder in drafts.iterdir():
        with contextlib.suppress(OSError):
            handle = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                yield (folder / "lock").stat().st_mtime
            finally:
                os.close(handle)


def claim(parent: Path) -> Path:
    """Make a folder of this process's own in `parent`, and remove what processes left that are gone."""
    parent.mkdir(parents=True, exist_ok=True)
    mine = parent / uuid.uuid4().hex[:12]
    with _alone(parent):
        mine.mkdir(mode=0o700)
        if not _lock(mine):
            raise EngineError(f"{mine} cannot be locked; set DAGGER_LOCAL_STATE to a folder on a local disk")
        (mine / _GROUPS).write_text("\n".join(map(str, cgroups.own_groups())))
        for other in parent.iterdir():
            if other != mine and other.is_dir() and _lock(other) and cgroups.remove(_groups(other)):
                shutil.rmtree(other, ignore_errors=True)
    return mine


def _groups(folder: Path) -> list[Path]:
    try:
        return [Path(line) for line in (folder / _GROUPS).read_text().splitlines()]
    except (OSError, UnicodeDecodeError):  # its process had not got to them
        return []


def _lock(folder: Path) -> bool:
    """Hold the folder's lock for the life of this process; False when another process holds it."""
    try:
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return False
    return True
