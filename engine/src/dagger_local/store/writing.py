"""Write a new layer on top of a tree, without mounting: files, folders, links, whiteouts, copies of other trees."""

import os
import posixpath
import shutil
import stat
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.store.patterns import Takes
from dagger_local.store.tree import (
    Entry,
    Tree,
    children,
    clean,
    lookup,
    make_opaque,
    resolve,
    select,
    settle,
    walk,
)

Owner = tuple[int, int]


class LayerWriter:
    """Fills `root`, a layer that will lie on `below`. Paths are inside the tree; links on the way are followed.

    Files of other trees share their inodes with the layer, unless it `is_written` later on.
    """

    def __init__(self, root: Path, below: Tree = (), *, is_written: bool = False) -> None:
        self._root = root
        self._below = below
        self._is_written = is_written
        base = lookup(below, "")
        if base:
            _attributes(base.stat, root)

    def write(self, path: str, data: bytes, *, mode: int = 0o644, owner: Owner | None = None) -> None:
        """Write a file, replacing what was there."""
        target = self._place(path)
        target.write_bytes(data)
        target.chmod(mode)
        _own(target, owner)

    def put(self, path: str, source: Entry, *, mode: int | None = None, owner: Owner | None = None) -> None:
        """Put a file or link of another tree; its inode is shared unless its attributes change."""
        target = self._place(path)
        if source.is_link:
            target.symlink_to(source.target)
            _own(target, owner or (source.stat.st_uid, source.stat.st_gid))
        elif mode is None and owner is None and not self._is_written:
            _link_or_copy(source, target)
        else:
            shutil.copyfile(source.host, target)
            _attributes(source.stat, target)
            if mode is not None:
                target.chmod(mode)
            _own(target, owner)

    def symlink(self, path: str, target: str) -> None:
        """Make a symbolic link at `path`."""
        self._place(path).symlink_to(target)

    def directory(self, path: str, *, mode: int | None = None, owner: Owner | None = None) -> None:
        """Make a folder, keeping what one that is there holds."""
        target = self._folder(settle(self._below, path))
        if mode is not None:
            target.chmod(mode)
        _own(target, owner)

    def copy(
        self,
        path: str,
        source: Tree,
        *,
        takes: Takes | None = None,
        owner: Owner | None = None,
        mode: int | None = None,
    ) -> None:
        """Copy all of `source` that the filter takes into the folder `path`, merging with what is there."""
        base = settle(self._below, path)
        root = lookup(source, "")
        existed = resolve(self._below, base) is not None
        target = self._folder(base)
        self._copy(base, source, "", takes, owner)
        if root and base and not existed:
            _attributes(root.stat, target)
        if base and owner:
            _own(target, owner)
        if mode is not None:
            target.chmod(mode)

    def _copy(self, base: str, source: Tree, inside: str, takes: Takes | None, owner: Owner | None) -> None:
        for entry in children(source, inside):
            name = posixpath.join(base, entry.path)
            wanted = takes is None or takes.takes(entry.path, is_dir=entry.is_dir)
            if entry.is_dir:
                if wanted:
                    self._folder(name)
                if takes is None or takes.enters(entry.path):
                    self._copy(base, source, entry.path, takes, owner)
                if wanted:
                    target = self._folder(name)
                    _attributes(entry.stat, target)  # at the end, as what is put into a folder changes its time
                    _own(target, owner)
            elif wanted:
                self.put(name, entry, owner=owner)

    def copy_at(self, source: Tree, timestamp: int) -> None:
        """Copy all of `source`, every modification time made `timestamp`, seconds since 1970."""
        for entry in walk(source):
            if entry.is_dir:
                _attributes(entry.stat, self._folder(entry.path))
            else:
                owner = (entry.stat.st_uid, entry.stat.st_gid)
                self.put(entry.path, entry, owner=owner)  # naming the owner gives it an inode of its own
        for place in (*self._root.rglob("*"), self._root):
            os.utime(place, (timestamp, timestamp), follow_symlinks=False)

    def remove(self, path: str) -> None:
        """Delete a name; nothing happens when it is not there."""
        name = clean(path)
        if not name:
            raise EngineError("the root of a directory cannot be removed; remove what is in it")
        target = self._root / name
        if self._hides(posixpath.dirname(name)):
            return
        if os.path.lexists(target):
            _unlink(target)
        if lookup(self._below, name):
            self._folder(posixpath.dirname(name))
            os.mknod(target, stat.S_IFCHR | 0o600, os.makedev(0, 0))

    def _hides(self, name: str) -> bool:
        """Whether this layer has something else than a folder at `name` or on the way to it."""
        target = self._root
        for part in name.split("/"):
            target /= part
            if not os.path.lexists(target):
                return False
            if not stat.S_ISDIR(target.lstat().st_mode):
                return True
        return False

    def _place(self, path: str) -> Path:
        """Return where to create `path`, its folder made and its old content out of the way."""
        name = clean(path)
        if not name:
            raise EngineError("a file needs a name, the root of a directory is not one")
        folder, base = posixpath.split(name)
        target = self._folder(settle(self._below, folder)) / base
        if os.path.lexists(target):
            _unlink(target)
        return target

    def _folder(self, name: str) -> Path:
        """Make the folder `name` (no links in it) with the attributes that the tree below gives it."""
        target = self._root
        done = ""
        for part in [part for part in name.split("/") if part]:
            target, done = target / part, posixpath.join(done, part)
            info = target.lstat() if os.path.lexists(target) else None
            if info and stat.S_ISDIR(info.st_mode):
                continue
            if info:
                _unlink(target)
            target.mkdir()
            target.chmod(0o755)
            below = lookup(self._below, done)
            if info:  # a whiteout or a file stood here: what lies below stays hidden
                make_opaque(target)
            elif below and below.is_dir:
                _attributes(below.stat, target)
        return target


def materialize(tree: Tree, target: Path) -> None:
    """Write the whole tree below the existing folder `target`, as files of its own."""
    LayerWriter(target, is_written=True).copy("", tree)


def subtree(tree: Tree, path: str) -> Tree:
    """Return the tree at `path`, links followed; raises EngineError when it is no directory."""
    entry = resolve(tree, path)
    if entry is None:
        if not clean(path):
            return tree
        raise EngineError(f"{path}: no such file or directory")
    if not entry.is_dir:
        raise EngineError(f"{path}: not a directory")
    return select(tree, entry.path)


def _link_or_copy(source: Entry, target: Path) -> None:
    try:
        os.link(source.host, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source.host, target)
        _attributes(source.stat, target)


def _attributes(info: os.stat_result, target: Path) -> None:
    os.chown(target, info.st_uid, info.st_gid)
    target.chmod(stat.S_IMODE(info.st_mode))
    os.utime(target, ns=(info.st_mtime_ns, info.st_mtime_ns))


def _own(target: Path, owner: Owner | None) -> None:
    if owner:
        os.chown(target, *owner, follow_symlinks=False)


def _unlink(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink()
