"""Which paths differ between two trees."""

from dataclasses import dataclass

from dagger_local.store.digests import file_digest
from dagger_local.store.tree import Entry, Tree, walk


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths that differ, as a walk comes to them; those of folders end with a slash."""

    added: tuple[str, ...]
    modified: tuple[str, ...]
    removed: tuple[str, ...]

    def all(self) -> set[str]:
        """Return all of them."""
        return {*self.added, *self.modified, *self.removed}


def compare(before: Tree, after: Tree) -> Paths:
    """Return the paths that differ; of what is there on both sides, content, kind and a file's mode count."""
    old = {_shown(entry): entry for entry in walk(before)}
    new = {_shown(entry): entry for entry in walk(after)}
    added = [path for path in new if path not in old]
    modified = [path for path, entry in new.items() if path in old and _differs(old[path], entry)]
    return Paths(tuple(added), tuple(modified), tuple(path for path in old if path not in new))


def _shown(entry: Entry) -> str:
    return f"{entry.path}/" if entry.is_dir else entry.path


def _differs(old: Entry, new: Entry) -> bool:
    if (old.stat.st_dev, old.stat.st_ino) == (new.stat.st_dev, new.stat.st_ino):
        return False
    if old.is_dir and new.is_dir:
        return False
    if old.is_link and new.is_link:
        return old.target != new.target
    same = old.stat.st_mode == new.stat.st_mode and old.stat.st_size == new.stat.st_size
    return not (same and old.is_file and file_digest(old.host) == file_digest(new.host))
