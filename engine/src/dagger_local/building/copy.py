"""COPY and ADD: a layer by what is copied, from wherever it comes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dagger_local.building import owners, remote
from dagger_local.building.archives import Unpacking, is_archive
from dagger_local.building.copying import Copies
from dagger_local.building.metadata import absolute
from dagger_local.building.sources import Taken, digest, find, find_with_parents
from dagger_local.building.state import State
from dagger_local.building.tools import Expand, Scope
from dagger_local.dockerfile.ignore import read_patterns
from dagger_local.dockerfile.instructions import Instruction, contents
from dagger_local.dockerfile.words import expand_text
from dagger_local.store.snapshots import Draft, SnapshotStore, key_of
from dagger_local.store.tree import Tree
from dagger_local.store.writing import Owner


@dataclass(frozen=True, slots=True)
class _Source:
    """One thing that is copied: of a tree, or a here-document's text."""

    digest: str
    name: str
    tree: Tree = ()
    taken: Taken | None = None
    text: bytes = b""
    is_unpacked: bool = False


@dataclass(frozen=True, slots=True)
class _Copy:
    """One COPY or ADD, all of it known; what it makes is a matter of this alone."""

    below: Tree
    sources: Sequence[_Source]
    destination: str
    owner: Owner | None
    mode: int | None

    @property
    def key(self) -> str:
        sources = [(source.digest, source.name, source.is_unpacked) for source in self.sources]
        what = (self.destination, self.owner, self.mode)
        return key_of("dockerfile copy", [layer.key for layer in self.below], sources, what)

    def write(self, root: Path) -> None:
        """Fill the layer. Blocking."""
        copies = Copies(root, self.below, owner=self.owner, mode=self.mode)
        for source in self.sources:
            if source.taken is None:
                copies.write(source.name, source.text, self.destination)
            elif source.is_unpacked:
                unpacking = Unpacking(root, self.below, self.owner)
                unpacking.unpack(source.taken.entry.host, copies.folder(self.destination))
                copies.times |= unpacking.times
            else:
                copies.copy(source.tree, source.taken, self.destination)
        copies.finish()


async def copy(one: Instruction, state: State, scope: Scope, tree: Tree) -> State:
    """Return the state after a COPY or ADD out of `tree`. Raises ValueError, or OSError for what is not there."""
    expand, store = scope.expand, scope.tools.store
    sources: list[_Source] = []
    for word in one.args[:-1]:
        sources += await _sources(one, word, state, scope, tree)
    if not sources:  # a wildcard that matches nothing
        return state
    wanted = _Copy(
        state.tree,
        sources,
        absolute(expand(one.args[-1]), state.workdir),
        await asyncio.to_thread(owners.owner, state.tree, expand(one.flags.text("chown"))),
        owners.mode(expand(one.flags.text("chmod"))),
    )

    async def write(draft: Draft) -> dict[str, Any]:
        await asyncio.to_thread(wanted.write, draft.fs)
        return {}

    made = await store.make(wanted.key, write)
    return replace(state, layers=(*state.layers, made.layer))


async def _sources(one: Instruction, word: str, state: State, scope: Scope, tree: Tree) -> list[_Source]:
    inline = next((each for each in one.heredocs if each.name == _inline_name(word)), None)
    if inline:
        text = contents(inline)
        text = expand_text(text, state.variables) if inline.expand else text
        return [_Source(key_of(text), inline.name, text=text.encode())]
    place, store = scope.expand(word), scope.tools.store
    if remote.is_remote(place):
        return await _fetched(one, place, scope.expand, store)
    excluded = read_patterns("\n".join(map(scope.expand, one.flags.all("exclude"))))
    return await asyncio.to_thread(_local, one, place, store, tree, excluded)


def _local(one: Instruction, word: str, store: SnapshotStore, tree: Tree, excluded: Sequence[str]) -> list[_Source]:
    found = find_with_parents(tree, word, excluded) if one.flags.is_on("parents") else find(tree, word, excluded)
    return [
        _Source(digest(store, tree, taken), taken.name, tree, taken,
                is_unpacked=one.keyword == "ADD" and taken.entry.is_file and is_archive(taken.entry.host))
        for taken in found
    ]  # fmt: skip


async def _fetched(one: Instruction, place: str, expand: Expand, store: SnapshotStore) -> list[_Source]:
    if one.keyword == "COPY":
        raise ValueError(f"{place} is an address; ADD fetches it")
    checksum = expand(one.flags.text("checksum"))
    tree = await remote.fetch(store, place, checksum, keep_git=one.flags.is_on("keep-git-dir"))
    taken = find(tree, "" if remote.is_git(place) else remote.escaped_name(place))[0]
    return [_Source(await asyncio.to_thread(digest, store, tree, taken), taken.name, tree, taken)]


def _inline_name(word: str) -> str:
    return word.lstrip("0123456789").removeprefix("<<").removeprefix("-").strip("\"'") if "<<" in word else ""
