"""Stat: what kind of thing lies at a path."""

import posixpath
import stat
from dataclasses import dataclass
from typing import Any

from dagger_local.api.objects.base import Object
from dagger_local.errors import EngineError
from dagger_local.store.tree import Entry, Tree, resolve


@dataclass(frozen=True, slots=True)
class Stat(Object):
    """Facts about one entry: `size` in bytes, `permissions` as mode bits."""

    name: str = ""
    size: int = 0
    permissions: int = 0
    file_type: str = "UNKNOWN"


def found(tree: Tree, path: str, *, follow: bool = True) -> Entry:
    """Return what is at `path`; raises EngineError, as stat(2) would say it, when there is nothing."""
    entry = resolve(tree, path, follow=follow) if path else None
    if entry is None:
        raise EngineError(f"stat {posixpath.normpath(path) if path else path}: no such file or directory")
    return entry


def stat_of(engine: Any, entry: Entry) -> Stat:
    """Describe an entry."""
    kinds = {stat.S_IFREG: "REGULAR", stat.S_IFDIR: "DIRECTORY", stat.S_IFLNK: "SYMLINK"}
    info = entry.stat
    kind = kinds.get(stat.S_IFMT(info.st_mode), "UNKNOWN")
    return Stat(engine, entry.name, info.st_size, stat.S_IMODE(info.st_mode), kind)


def exists(tree: Tree, path: str, expected: str | None, *, follow: bool) -> bool:
    """Whether something (of the expected ExistsType) is at `path`; the empty path is nothing."""
    if not path:
        return False
    entry = resolve(tree, path, follow=follow and expected != "SYMLINK_TYPE")
    if entry is None:
        return False
    wanted = {"REGULAR_TYPE": entry.is_file, "DIRECTORY_TYPE": entry.is_dir, "SYMLINK_TYPE": entry.is_link}
    return wanted[expected] if expected else True
