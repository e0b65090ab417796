"""What COPY and ADD take from a tree: names with wildcards resolved, and the digest of all that is taken."""

import hashlib
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dagger_local.dockerfile.globs import compile_glob, has_wildcard
from dagger_local.dockerfile.ignore import Both, Chosen, Ignored
from dagger_local.store.digests import line
from dagger_local.store.patterns import Takes
from dagger_local.store.snapshots import SnapshotStore, key_of
from dagger_local.store.tree import Entry, Tree, children, clean, resolve, select


@dataclass(frozen=True, slots=True)
class Taken:
    """One file or folder that is copied: by what name it was found, and what that is, links followed.

    `rules` are the patterns by which `takes` decides what of a folder is copied.
    """

    name: str
    entry: Entry
    takes: Takes | None = None
    rules: tuple[str, ...] = ()


def find(tree: Tree, word: str, excluded: Sequence[str] = ()) -> list[Taken]:
    """Return what a source names: none when a wildcard matches nothing; of folders, all that is not `excluded`.

    Raises FileNotFoundError when a plain name is not there, ValueError for a pattern that is none.
    """
    takes, rules = (Ignored(excluded) if excluded else None), tuple(excluded)
    path = clean(word)
    parts = path.split("/") if path else []
    first = next((number for number, part in enumerate(parts) if has_wildcard(part)), len(parts))
    plain = "/".join(parts[:first])
    base = resolve(tree, plain)
    if first == len(parts):
        if base is None:
            raise FileNotFoundError(word)
        return [Taken(plain, base, takes, rules)]
    names = _matching(tree, base, parts[first:]) if base and base.is_dir else []
    found = [(name, resolve(tree, name)) for name in names]
    for name, entry in found:
        if entry is None:
            raise FileNotFoundError(name)
    return [Taken(name, entry, takes, rules) for name, entry in found if entry]


def find_with_parents(tree: Tree, word: str, excluded: Sequence[str] = ()) -> list[Taken]:
    """Return the folder that a source of `--parents` starts from (before `/./`, else the root), with what it takes."""
    start, has_pivot, pattern = word.partition("/./")
    if not has_pivot:
        start, pattern = "", word
    base = resolve(tree, start)
    pattern = clean(pattern)
    if base is None or not base.is_dir:
        raise FileNotFoundError(word)
    if not has_wildcard(pattern) and resolve(select(tree, base.path), pattern) is None:
        raise FileNotFoundError(word)
    chosen = Chosen([pattern])
    takes = Both(chosen, Ignored(excluded)) if excluded else chosen
    return [Taken("", base, takes, ("--parents", pattern, *excluded))]


def _matching(tree: Tree, folder: Entry, patterns: Sequence[str]) -> list[str]:
    """Match one name after the other: links on the way are not followed, as Go's walk follows none."""
    glob = compile_glob(patterns[0])
    matched = [entry for entry in children(tree, folder.path) if glob.fullmatch(entry.name)]
    if len(patterns) == 1:
        return [entry.path for entry in matched]
    return [path for entry in matched if entry.is_dir for path in _matching(tree, entry, patterns[1:])]


def digest(store: SnapshotStore, tree: Tree, taken: Taken) -> str:
    """Return the digest of all that is copied, its name left out; remembered, as trees never change. Blocking."""
    name = f"copied-{key_of([layer.key for layer in tree], taken.name, taken.rules)}"
    if known := store.recall(name):
        return known.decode()
    total = hashlib.sha256()
    for inside, entry in below(tree, taken):
        total.update(f"{inside!r} {line(entry).partition(' ')[2] if inside else _unnamed(entry)}".encode())
    store.remember(name, total.hexdigest().encode())
    return total.hexdigest()


def below(tree: Tree, taken: Taken) -> Iterator[tuple[str, Entry]]:
    """Yield what was found and all below it that is taken, each with its path from there; parents first, sorted."""
    yield "", taken.entry
    if taken.entry.is_dir:
        yield from _below(select(tree, taken.entry.path), "", taken.takes)


def _below(tree: Tree, inside: str, takes: Takes | None) -> Iterator[tuple[str, Entry]]:
    for entry in children(tree, inside):
        taken = takes is None or takes.takes(entry.path, is_dir=entry.is_dir)
        if not entry.is_dir:
            if taken:
                yield entry.path, entry
            continue
        deeper = list(_below(tree, entry.path, takes)) if takes is None or takes.enters(entry.path) else []
        if taken or deeper:
            yield entry.path, entry
            yield from deeper


def _unnamed(entry: Entry) -> str:
    """Describe an entry without its path, which says where it was found and not what is copied."""
    return line(Entry("", entry.host, entry.stat))


def base_name(path: str) -> str:
    """Return the name that a file keeps when it is put into a folder."""
    return posixpath.basename(path)
