"""Collect what the store no longer needs: what was used last stays, under a ceiling, beside sessions that live."""

import contextlib
import os
import shutil
import stat
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dagger_local.store.guard import Guard, claim, oldest_session
from dagger_local.store.snapshots import ONCE

_DAY = 86_400.0
AGE = 30 * _DAY
"""How long (seconds) something stays that nobody uses."""
_MEMO_AGE = 7 * _DAY
_PASSING = ("seen-", "copied-", "tree-", "host-", "schema-", "valid-")
"""How facts are named that are soon found out again."""
_MOST, _FREE, _LEAST = 0.75, 0.20, 0.10
"""Shares of the disk: what is stored at most, what is left free, and what may be stored in any case (Dagger's own)."""
_PAUSE = 600.0
_SIZE = "user.dagger-local.size"
"""Where a folder's size is noted: in an attribute, for a file in it would change the time when it was last used."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is kept: of what kind, where, how many bytes it takes, and when it was last used."""

    kind: str
    place: Path
    size: int
    used: float


def entries(state: Path) -> list[Entry]:
    """List what can be taken away by itself, the longest unused first; layers of images after the images. Blocking."""
    found = [*_folders(state / "snapshots", "*/*", "snapshot"), *_folders(state / "caches", "*", "cache")]
    found += _folders(state / "oci" / "layouts", "*", "image layout")
    found += _folders(state / "stand-ins" / "layers", "*", "stand-in")
    layers: list[Entry] = []
    for place in (state / "oci" / "blobs").glob("sha256/*"):
        with contextlib.suppress(FileNotFoundError):
            info = place.stat()
            layers.append(Entry("image layer", place, info.st_blocks * 512, info.st_mtime))
    return [entry for group in (found, layers) for entry in sorted(group, key=lambda entry: entry.used)]


def ceiling(state: Path, stored: int) -> int:
    """Return how many bytes may be stored where `stored` are now: DAGGER_LOCAL_KEEP_STORAGE, else by the disk."""
    if text := os.environ.get("DAGGER_LOCAL_KEEP_STORAGE", ""):
        return read_size(text)
    disk = shutil.disk_usage(state)
    room = stored + disk.free - int(_FREE * disk.total)
    return max(min(int(_MOST * disk.total), room), int(_LEAST * disk.total))


def collect(state: Path, *, keep: int | None = None, older_than: float = AGE) -> int:
    """Take away what was unused for `older_than` seconds, then the longest unused until `keep` bytes are left.

    Nothing goes that a living session has used. Returns the bytes that were freed. Blocking.
    """
    guard = Guard(state)
    now, oldest = time.time(), oldest_session(state / "drafts")
    trash = claim(state / "drafts")
    kept = entries(state)
    stored = sum(entry.size for entry in kept)
    keep = ceiling(state, stored) if keep is None else keep
    freed = 0
    try:
        for entry in kept:
            is_garbage = ONCE in entry.place.name or entry.used < now - older_than
            if (is_garbage or stored - freed > keep) and _take(guard, entry, oldest, trash):
                freed += entry.size
        _tidy(state, now)
    finally:
        guard.close()
        shutil.rmtree(trash, ignore_errors=True)
    return freed


def collect_if_due(state: Path) -> None:
    """Collect, unless that was done within the last ten minutes. Blocking."""
    stamp = state / "collected"
    with contextlib.suppress(FileNotFoundError):
        if time.time() - stamp.stat().st_mtime < _PAUSE:
            return
    stamp.touch()
    collect(state)


def read_size(text: str) -> int:
    """Read a size as people write it: 20GB, 500mb, a number of bytes. Raises ValueError."""
    units = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
    lower = text.strip().lower().removesuffix("b")
    unit = lower[-1:] if lower[-1:] in units else ""
    number = lower.removesuffix(unit).strip()
    try:
        return int(float(number) * units[unit])
    except ValueError:
        raise ValueError(f"{text} is no size; write it like 20GB") from None


def _take(guard: Guard, entry: Entry, oldest: float, trash: Path) -> bool:
    """Move an entry out of the way, unless a living session came to use it; tell whether it went."""
    gone: Path | None = None
    with guard.taking(), contextlib.suppress(FileNotFoundError):
        info = entry.place.stat()
        in_use = info.st_mtime >= oldest or (entry.kind == "image layer" and info.st_nlink > 1)
        if not in_use:
            gone = entry.place.rename(trash / uuid.uuid4().hex)
    if gone is None:
        return False
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    return True


def _tidy(state: Path, now: float) -> None:
    """Remove facts that nobody asked for any more, and short names of layers that are gone."""
    for place, is_over in ((state / "memo", _is_older(now - _MEMO_AGE)), (state / "l", _leads_nowhere)):
        for item in place.iterdir() if place.is_dir() else ():
            with contextlib.suppress(FileNotFoundError):
                if is_over(item):
                    item.unlink()


def _is_older(than: float) -> Callable[[Path], bool]:
    return lambda item: item.name.startswith(_PASSING) and item.stat().st_mtime < than


def _leads_nowhere(link: Path) -> bool:
    """Tell whether a layer is gone; what was named just now may be on a tmpfs that only its own session sees."""
    return link.is_symlink() and not link.exists() and link.lstat().st_mtime < time.time() - _DAY


def _folders(root: Path, pattern: str, kind: str) -> Iterator[Entry]:
    for place in root.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            if place.is_dir() and not place.name.startswith("."):
                yield Entry(kind, place, _size(place, is_fixed=kind == "snapshot"), place.stat().st_mtime)


def _size(place: Path, *, is_fixed: bool) -> int:
    """Return the bytes that a folder takes, a file with several names in parts; noted where it does not change."""
    if is_fixed:
        with contextlib.suppress(OSError, ValueError):
            return int(os.getxattr(place, _SIZE))
    total = 0
    for folder, _, names in os.walk(place):
        for name in (folder, *(f"{folder}/{each}" for each in names)):
            with contextlib.suppress(FileNotFoundError):
                info = os.lstat(name)
                links = 1 if stat.S_ISDIR(info.st_mode) else max(info.st_nlink, 1)  # 0: it has just gone
                total += info.st_blocks * 512 // links
    if is_fixed:
        with contextlib.suppress(OSError):  # not every file system has attributes
            os.setxattr(place, _SIZE, str(total).encode())
    return total
