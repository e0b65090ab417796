"""A tree: overlay layers stacked lowest first, read without mounting anything.

Layers are what overlayfs calls upper directories: a character device 0/0 deletes a name (a whiteout), the
attribute `trusted.overlay.opaque=y` hides what lies below a directory; in a user namespace, where trusted
attributes cannot be set, it is `user.overlay.opaque`. Source: the kernel's
Documentation/filesystems/overlayfs.rst.
"""

import os
import posixpath
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.namespace import in_user_namespace

_TRUSTED, _USER = "trusted.overlay.opaque", "user.overlay.opaque"
_MAX_LINKS = 40


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: `path` on disk, and the `key` that names what is in it (same key, same content)."""

    key: str
    path: Path


Tree = tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a tree: `path` inside it (no leading slash), `host` where its inode lies."""

    path: str
    host: Path
    stat: os.stat_result

    @property
    def is_dir(self) -> bool:
        return stat.S_ISDIR(self.stat.st_mode)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.stat.st_mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.stat.st_mode)

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)

    @property
    def target(self) -> str:
        """What the link says, to the letter: a Path would tidy it up."""
        return os.readlink(self.host)  # noqa: PTH115


class NotInTreeError(EngineError):
    """A path that is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path}: no such file or directory")


def clean(path: str) -> str:
    """Normalise a path inside a tree; `..` never leaves the root. The root itself is the empty string."""
    return posixpath.normpath("/" + path).lstrip("/")


def is_whiteout(info: os.stat_result) -> bool:
    """Whether an entry of a layer says that its name is deleted."""
    return stat.S_ISCHR(info.st_mode) and info.st_rdev == 0


def is_opaque(directory: Path) -> bool:
    """Whether a directory of a layer hides what lower layers have there."""
    for name in (_TRUSTED, _USER):
        try:
            if os.getxattr(directory, name) == b"y":
                return True
        except OSError:
            continue
    return False


def make_opaque(directory: Path) -> None:
    """Hide what lower layers have in a directory of a layer."""
    os.setxattr(directory, _USER if in_user_namespace() else _TRUSTED, b"y")


def select(tree: Tree, path: str) -> Tree:
    """Return the tree below the directory `path`, which must be resolved (no links inside)."""
    parts = [part for part in clean(path).split("/") if part]
    kept: list[Layer] = []
    for layer in reversed(tree):
        here, opaque = layer.path, False
        for part in parts:
            here = here / part
            info = _lstat(here)
            if info is None:
                break
            if not stat.S_ISDIR(info.st_mode):
                return tuple(reversed(kept))
            opaque = opaque or is_opaque(here)
        else:
            info = _lstat(here)
            if info is not None:
                kept.append(Layer(f"{layer.key}/{'/'.join(parts)}" if parts else layer.key, here))
        if opaque:
            break
    return tuple(reversed(kept))


def lookup(tree: Tree, path: str) -> Entry | None:
    """Find `path` without following a link at its end or on the way."""
    name = clean(path)
    parts = [part for part in name.split("/") if part]
    for layer in reversed(tree):
        here, opaque = layer.path, False
        info = _lstat(here)
        for part in parts:
            here = here / part
            info = _lstat(here)
            if info is None:
                break
            if is_whiteout(info):
                return None
            if here != layer.path / name and not stat.S_ISDIR(info.st_mode):
                return None
            if stat.S_ISDIR(info.st_mode) and is_opaque(here):
                opaque = True
        if info is not None:
            return Entry(name, here, info)
        if opaque:
            return None
    return None


def resolve(tree: Tree, path: str, *, follow: bool = True) -> Entry | None:
    """Find `path`, following links inside the tree as a process in it would see them."""
    todo = [part for part in clean(path).split("/") if part][::-1]
    done: list[str] = []
    links = 0
    entry = lookup(tree, "")
    while todo:
        part = todo.pop()
        if part == "..":
            done = done[:-1]
            entry = lookup(tree, "/".join(done))
            continue
        entry = lookup(tree, "/".join([*done, part]))
        if entry is None:
            return None
        if entry.is_link and (todo or follow):
            links += 1
            if links > _MAX_LINKS:
                raise EngineError(f"{path}: too many levels of symbolic links")
            target = entry.target
            if target.startswith("/"):
                done = []
            todo.extend(piece for piece in reversed(target.split("/")) if piece not in ("", "."))
            continue
        if todo and not entry.is_dir:
            return None
        done.append(part)
    return entry if done else lookup(tree, "")


def settle(tree: Tree, path: str) -> str:
    """Return where `path` leads, links followed inside the tree; what is missing on the way is taken as it is named.

    Raises EngineError for links in a circle.
    """
    todo = [part for part in clean(path).split("/") if part][::-1]
    done: list[str] = []
    links = 0
    while todo:
        part = todo.pop()
        if part == "..":
            done = done[:-1]
            continue
        entry = lookup(tree, "/".join([*done, part]))
        if entry is None or not entry.is_link:
            done.append(part)
            continue
        links += 1
        if links > _MAX_LINKS:
            raise EngineError(f"{path}: too many levels of symbolic links")
        if entry.target.startswith("/"):
            done = []
        todo.extend(piece for piece in reversed(entry.target.split("/")) if piece not in ("", "."))
    return "/".join(done)


def require(tree: Tree, path: str, *, follow: bool = True) -> Entry:
    """Like `resolve`, for a path that must be there."""
    entry = resolve(tree, path, follow=follow)
    if entry is None:
        raise NotInTreeError(path)
    return entry


def children(tree: Tree, path: str = "") -> list[Entry]:
    """List the directory `path`, sorted by name."""
    found: dict[str, Entry | None] = {}
    for layer in reversed(select(tree, path)):
        with os.scandir(layer.path) as names:
            for item in names:
                if item.name in found:
                    continue
                info = item.stat(follow_symlinks=False)
                inside = posixpath.join(clean(path), item.name)
                found[item.name] = None if is_whiteout(info) else Entry(inside, Path(item.path), info)
        if is_opaque(layer.path):
            break
    return sorted((entry for entry in found.values() if entry), key=lambda entry: entry.name)


def walk(tree: Tree, path: str = "") -> Iterator[Entry]:
    """Yield everything below `path`, parents before children, sorted; the directory itself is left out."""
    for entry in children(tree, path):
        yield entry
        if entry.is_dir:
            yield from walk(tree, entry.path)


def _lstat(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
