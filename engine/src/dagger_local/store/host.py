"""Folders of the host: taken in as snapshots by content, and written back."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.store.digests import line
from dagger_local.store.patterns import Filter
from dagger_local.store.snapshots import Snapshot, SnapshotStore
from dagger_local.store.tree import Entry, Layer, Tree, walk

_CLOCK_TICK = 50_000_000
"""Nanoseconds in which a file can change twice and show one time."""


async def take_directory(store: SnapshotStore, path: Path, takes: Filter) -> Snapshot:
    """Take in what the filter takes of a folder of the host; the same content is the same snapshot."""
    if not path.is_dir():
        raise EngineError(f"{path}: no such directory on this machine; check the path")
    began = time.time_ns()
    with _changes_named(path):
        entries = await asyncio.to_thread(lambda: list(_scan(path, "", takes)))
    facts = hashlib.sha256(str(path).encode())
    for entry in entries:
        info = entry.stat
        times = f"{info.st_mtime_ns} {info.st_ctime_ns}"
        facts.update(f"{entry.path!r} {info.st_mode} {info.st_size} {times} {info.st_ino}\n".encode())
    name = f"host-{facts.hexdigest()[:32]}"
    known = store.recall(name)
    if known and (found := store.find(known.decode())):
        return found
    async with store.draft() as draft:
        with _changes_named(path):
            await asyncio.to_thread(_copy, entries, draft.fs)
        # The copy says what was taken: the folder may be edited while it is read.
        key = await asyncio.to_thread(_content_key, draft.fs)
        snapshot = store.keep(draft, key, {})
    if all(entry.stat.st_ctime_ns < began - _CLOCK_TICK for entry in entries):
        store.remember(name, key.encode())
    return snapshot


@contextlib.contextmanager
def _changes_named(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a folder is read into one line that names the folder and the file."""
    try:
        yield
    except FileNotFoundError as error:
        raise EngineError(f"{path} changed while it was read: {error.filename} is gone; run again") from None
    except PermissionError as error:
        raise EngineError(f"{error.filename}: {error.strerror}; leave it out of {path}, or make it readable") from None


def put_directory(tree: Tree, target: Path, *, wipe: bool = False) -> None:
    """Write a tree into a folder of the host, over what is there; with `wipe`, instead of it. Blocking."""
    target.mkdir(parents=True, exist_ok=True)
    if wipe:
        for old in target.iterdir():
            remove(old)
    for entry in walk(tree):
        put_entry(entry, target / entry.path)


def put_entry(entry: Entry, place: Path) -> None:
    """Write one entry of a tree to a place on the host, whose folder is there. Blocking."""
    if entry.is_dir:
        if place.is_symlink() or (os.path.lexists(place) and not place.is_dir()):
            place.unlink()
        place.mkdir(exist_ok=True)
        place.chmod(stat.S_IMODE(entry.stat.st_mode))
        return
    if os.path.lexists(place):
        remove(place)
    if entry.is_link:
        place.symlink_to(entry.target)
    elif entry.is_file:
        shutil.copyfile(entry.host, place)
        place.chmod(stat.S_IMODE(entry.stat.st_mode))


def remove(path: Path) -> None:
    """Remove a file, link or folder of the host. Blocking."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _scan(root: Path, inside: str, takes: Filter) -> Iterator[Entry]:
    with os.scandir(root / inside) as names:
        items = sorted(names, key=lambda item: item.name)
    for item in items:
        name = f"{inside}/{item.name}" if inside else item.name
        info = item.stat(follow_symlinks=False)
        if not (stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode) or stat.S_ISLNK(info.st_mode)):
            continue  # sockets, pipes and devices have no content to take
        entry = Entry(name, Path(item.path), info)
        taken = takes.takes(name, is_dir=entry.is_dir)
        if not entry.is_dir:
            if taken:
                yield entry
            continue
        below = list(_scan(root, name, takes)) if takes.enters(name) else []
        if taken or below:
            yield entry
            yield from below


def _content_key(folder: Path) -> str:
    total = hashlib.sha256()
    for entry in walk((Layer("", folder),)):
        total.update(line(entry).encode())
    return total.hexdigest()[:32]


def _copy(entries: list[Entry], target: Path) -> None:
    for entry in entries:
        place = target / entry.path
        if entry.is_dir:
            place.mkdir()
        elif entry.is_link:
            place.symlink_to(entry.target)
            continue
        else:
            shutil.copyfile(entry.host, place)
        place.chmod(stat.S_IMODE(entry.stat.st_mode))
    for entry in reversed(entries):
        if not entry.is_link:
            times = (entry.stat.st_mtime_ns, entry.stat.st_mtime_ns)
            os.utime(target / entry.path, ns=times)
