"""Lay what COPY and ADD take over a tree. Source: the Dockerfile reference, and BuildKit's copies as they come out."""

import os
import posixpath
import stat
from collections.abc import Iterable
from pathlib import Path

from dagger_local.building.sources import Taken, base_name, below
from dagger_local.errors import EngineError
from dagger_local.store.tree import Entry, Layer, Tree, clean, lookup, resolve, settle
from dagger_local.store.writing import LayerWriter, Owner

_FOLDER = 0o755
_CREATED = 0
"""The time of folders that no source gives a time."""


class Copies:
    """Fills `root`, a layer on `below`."""

    def __init__(self, root: Path, below: Tree, *, owner: Owner | None, mode: int | None) -> None:
        self._root = root
        self._below = below
        self._view = (*below, Layer("", root))
        self._layer = LayerWriter(root, below)
        self._owner = owner
        self._mode = mode
        self.times: dict[str, int] = {}
        """The times that folders get at the end, in nanoseconds."""

    def copy(self, tree: Tree, taken: Taken, destination: str) -> None:
        """Copy a file to `destination`, or into it where it is a folder; of a folder, what is in it."""
        folder = destination if destination.endswith("/") else posixpath.dirname(destination)
        self.folder(folder)
        if taken.entry.is_dir:
            self._merge(tree, taken, settle(self._view, destination))
        else:
            self._put(taken.entry, self._file(destination, base_name(taken.name)))

    def write(self, name: str, data: bytes, destination: str, mode: int = 0o644) -> None:
        """Write a file that stands in no tree, as if it were copied under this name."""
        self.folder(destination if destination.endswith("/") else posixpath.dirname(destination))
        target = self._file(destination, name)
        self._layer.write(target, data, mode=mode if self._mode is None else self._mode, owner=self._owner or (0, 0))

    def _file(self, destination: str, name: str) -> str:
        """Return where a file goes: into a folder under its name, else in place of what is there, a link too."""
        there = resolve(self._view, destination)
        if there and there.is_dir:
            return posixpath.join(settle(self._view, destination), name)
        folder, base = posixpath.split(clean(destination))
        return posixpath.join(settle(self._view, folder), base)

    def folder(self, path: str) -> str:
        """Make a folder and those on the way to it, where they are missing; return where it is, links followed."""
        target = settle(self._view, path)
        done = ""
        for part in filter(None, target.split("/")):
            done = posixpath.join(done, part)
            entry = lookup(self._view, done)
            if entry is None:
                self.make(done)
            elif not entry.is_dir:
                raise EngineError(f"/{done} is there, and no folder")
        return target

    def make(self, path: str) -> None:
        """Make one folder, whose parent is there."""
        self._layer.directory(path, mode=_FOLDER, owner=self._owner or (0, 0))
        self.times[path] = _CREATED

    def _merge(self, tree: Tree, taken: Taken, target: str) -> None:
        """Put what is in a folder into another one, which keeps its own mode and owner where it is there already."""
        existed = resolve(self._view, target) is not None
        self.folder(target)
        for inside, entry in below(tree, taken):
            place = posixpath.join(target, inside) if inside else target
            if not entry.is_dir:
                self._put(entry, place)
                continue
            there = lookup(self._view, place)
            if there is None:
                self.make(place)
            elif not there.is_dir:
                raise EngineError(f"/{place} is there, and no folder: {entry.name} cannot be copied over it")
            if inside or not existed:
                self._attributes(entry, place)

    def _attributes(self, source: Entry, place: str) -> None:
        mode = stat.S_IMODE(source.stat.st_mode) if self._mode is None else self._mode
        owner = self._owner or (source.stat.st_uid, source.stat.st_gid)
        self._layer.directory(place, owner=owner)
        (self._root / place).chmod(mode)
        self.times[place] = source.stat.st_mtime_ns

    def _put(self, entry: Entry, target: str) -> None:
        if not clean(target):
            raise EngineError("a file cannot be copied over the root folder")
        there = lookup(self._view, target)
        if there and there.is_dir:
            raise EngineError(f"/{target} is a folder: the file {entry.name} cannot be copied over it")
        if not stat.S_ISSOCK(entry.stat.st_mode):
            self._layer.put(target, entry, mode=self._mode, owner=self._owner)

    def finish(self) -> None:
        """Give folders their times: what is put into a folder changes it, and the same build must give the same."""
        for place in _folders(self._root):
            path = str(place.relative_to(self._root)) if place != self._root else ""
            old = lookup(self._below, path)
            time = self.times.get(path, old.stat.st_mtime_ns if old and old.is_dir else _CREATED)
            os.utime(place, ns=(time, time))


def _folders(root: Path) -> Iterable[Path]:
    for place, _, _ in os.walk(root, topdown=False):
        yield Path(place)
