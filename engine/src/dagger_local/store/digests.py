"""Content digests of trees: names, kinds, modes, owners, link targets and bytes; never times."""

import hashlib
import stat
from pathlib import Path

from dagger_local.store.snapshots import SnapshotStore, key_of
from dagger_local.store.tree import Entry, Tree, lookup, walk

_EMPTY = f"'' {stat.S_IFDIR:o} 755 0 0 ''\n"
"""The root of a tree without layers, as `line` has it."""


def tree_digest(store: SnapshotStore, tree: Tree) -> str:
    """Return the sha256 of all that `tree` holds; remembered, as trees never change. Blocking."""
    name = f"tree-{key_of(*(layer.key for layer in tree))}"
    if known := store.recall(name):
        return known.decode()
    root = lookup(tree, "")
    total = hashlib.sha256((line(root) if root else _EMPTY).encode())
    for entry in walk(tree):
        total.update(line(entry).encode())
    store.remember(name, total.hexdigest().encode())
    return total.hexdigest()


def line(entry: Entry) -> str:
    """Describe one entry in one line that is the same wherever the entry is the same."""
    info = entry.stat
    what = f"{stat.S_IFMT(info.st_mode):o} {stat.S_IMODE(info.st_mode):o} {info.st_uid} {info.st_gid}"
    if entry.is_file:
        content = file_digest(entry.host)
    elif entry.is_link:
        content = entry.target
    else:
        content = ""
    return f"{entry.path!r} {what} {content!r}\n"


def file_digest(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex. Blocking."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
