"""Directory: a tree of files, changed by laying layers over it.

Its fields that lead to a type above it are in that type's file: changes, diff and patches in changeset.py, asGit in
git.py, dockerBuild in docker_build.py.
"""

import asyncio
import posixpath
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.file import File
from dagger_local.api.objects.search import SearchResult, search
from dagger_local.api.objects.stat import Stat, exists, found, stat_of
from dagger_local.api.patterns import glob_of, selection_of, spelled_out
from dagger_local.errors import EngineError
from dagger_local.execution.users import UnknownNameError, find_owner
from dagger_local.store.digests import tree_digest
from dagger_local.store.host import put_directory
from dagger_local.store.snapshots import Draft, key_of
from dagger_local.store.tree import Tree, children, clean, lookup, require, resolve, settle, walk
from dagger_local.store.writing import LayerWriter, subtree


@dataclass(frozen=True, slots=True)
class Directory(Object):
    """The root of `tree`, which was found at `path` of something else."""

    tree: Tree = ()
    path: str = "/"

    async def key(self) -> str:
        """Return what names all that the directory holds."""
        return await asyncio.to_thread(tree_digest, self.engine.store, self.tree)

    # What is in it

    async def digest(self) -> str:
        return f"sha256:{await self.key()}"

    def name(self) -> str:
        return posixpath.basename(self.path.rstrip("/")) or "/"

    def entries(self, path: str | None = None) -> list[str]:
        tree = subtree(self.tree, path or "")
        return [f"{entry.name}/" if entry.is_dir else entry.name for entry in children(tree)]

    async def glob(self, pattern: str) -> list[str]:
        wanted, start = glob_of(pattern), spelled_out(pattern)
        first = lookup(self.tree, start)
        below = await asyncio.to_thread(lambda: list(walk(self.tree, start)) if first and first.is_dir else [])
        found = [*([first] if first and start else []), *below]
        return [f"{entry.path}/" if entry.is_dir else entry.path for entry in found if wanted(entry.path)]

    def exists(self, path: str, expected_type: str | None = None, do_not_follow_symlinks: bool = False) -> bool:
        return exists(self.tree, path, expected_type, follow=not do_not_follow_symlinks)

    def stat(self, path: str, do_not_follow_symlinks: bool = False) -> Stat | None:
        return stat_of(self.engine, found(self.tree, path, follow=not do_not_follow_symlinks))

    def find_up(self, name: str, start: str) -> str | None:
        folder = start.strip("/")
        while True:
            found = resolve(self.tree, posixpath.join(folder, name))
            if found:
                return posixpath.join(folder, name)
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    async def search(self, skip_ignored: bool = False, **options: Any) -> list[SearchResult]:
        # .gitignore files count in a repository only, as ripgrep has it.
        ignoring = skip_ignored and lookup(self.tree, ".git") is not None
        takes = selection_of(self.tree, (), (), gitignore=ignoring)
        entries = (each for each in walk(self.tree) if takes is None or takes.takes(each.path, is_dir=each.is_dir))
        return await search(self.engine, entries, **options)

    def directory(self, path: str) -> "Directory":
        if clean(path) and not found(self.tree, path).is_dir:
            raise EngineError(f"path {path} is a file, not a directory")
        return Directory(self.engine, subtree(self.tree, path), path)

    def file(self, path: str) -> File:
        file = File(self.engine, self.tree, path)
        file.sync()
        return file

    # What is made of it

    async def filter(
        self, exclude: Sequence[str] = (), include: Sequence[str] = (), gitignore: bool = False
    ) -> "Directory":
        empty = Directory(self.engine)
        return await empty.with_directory("", self, exclude=exclude, include=include, gitignore=gitignore)

    async def with_directory(
        self,
        path: str,
        source: "Directory",
        exclude: Sequence[str] = (),
        include: Sequence[str] = (),
        gitignore: bool = False,
        owner: str = "",
        permissions: int | None = None,
    ) -> "Directory":
        takes = selection_of(source.tree, exclude, include, gitignore=gitignore)
        owned = self._owner(owner)
        what = ("directory 2", path, await source.key(), exclude, include, gitignore, owned, permissions)

        def copy(layer: LayerWriter) -> None:
            layer.copy(path, source.tree, takes=takes, owner=owned, mode=permissions)
            if permissions is None:
                return
            for entry in walk(source.tree):
                name = posixpath.join(path, entry.path)
                if entry.is_dir:
                    if takes is None or takes.takes(entry.path, is_dir=True):
                        layer.directory(name, mode=permissions)
                elif takes is None or takes.takes(entry.path, is_dir=False):
                    layer.put(name, entry, mode=permissions, owner=owned or (entry.stat.st_uid, entry.stat.st_gid))

        return await self.laid(what, copy)

    async def with_file(self, path: str, source: File, permissions: int | None = None, owner: str = "") -> "Directory":
        entry = source.entry
        owned = self._owner(owner)
        if path in ("", ".") or path.endswith("/") or ((there := resolve(self.tree, path)) and there.is_dir):
            path = posixpath.join(path, source.name())
        what = ("put", path, await source.key(), permissions, owned)
        return await self.laid(what, lambda layer: layer.put(path, entry, mode=permissions, owner=owned))

    async def with_files(self, path: str, sources: Sequence[File], permissions: int | None = None) -> "Directory":
        entries = [(posixpath.join(path, source.name()), source.entry) for source in sources]
        what = ("put all", path, [await source.key() for source in sources], permissions)

        def put(layer: LayerWriter) -> None:
            for name, entry in entries:
                layer.put(name, entry, mode=permissions)

        return await self.laid(what, put)

    async def with_new_file(self, path: str, contents: str, permissions: int = 0o644, owner: str = "") -> "Directory":
        owned = self._owner(owner)
        place = settle(self.tree, path)
        if (old := lookup(self.tree, place)) and not old.is_dir:
            permissions = stat.S_IMODE(old.stat.st_mode)  # writing into a file that is there changes no mode
        elif old or not place or path.endswith("/"):
            raise EngineError(f"open {path}: is a directory")
        _check_folders(self.tree, place)
        what = ("write", place, contents, permissions, owned)
        return await self.laid(what, lambda layer: layer.write(place, contents.encode(), mode=permissions, owner=owned))

    async def with_new_directory(self, path: str, permissions: int = 0o644) -> "Directory":
        place = settle(self.tree, path)
        names = [name for name in [*_above(place), place] if name and lookup(self.tree, name) is None]
        _check_folders(self.tree, f"{place}/")

        def make(layer: LayerWriter) -> None:
            for name in names:
                layer.directory(name, mode=permissions or 0o755)

        return await self.laid(("folders", names, permissions), make)

    async def with_symlink(self, target: str, link_name: str) -> "Directory":
        return await self.laid(("link", target, link_name), lambda layer: layer.symlink(link_name, target))

    async def with_timestamps(self, timestamp: int) -> "Directory":
        what = ("timestamps", timestamp, await self.key())
        return await Directory(self.engine).laid(what, lambda layer: layer.copy_at(self.tree, timestamp))

    def _owner(self, owner: str) -> tuple[int, int] | None:
        """Resolve an owner by the users that a directory has in itself, which few have."""
        try:
            return find_owner(self.tree, owner)
        except UnknownNameError as error:
            missing = "" if lookup(self.tree, "etc/passwd") else "open /etc/passwd: no such file or directory"
            raise EngineError(f"failed to parse ownership {owner}: {missing or error}") from None

    async def chown(self, path: str, owner: str) -> "Directory":
        if not owner:
            raise EngineError("failed to parse ownership: an empty one is none; give a user's number, or USER:GROUP")
        owned = self._owner(owner)
        entry = require(self.tree, path)
        if not entry.is_dir:
            return await self.laid(("chown", path, owned), lambda layer: layer.put(path, entry, owner=owned))

        def own(layer: LayerWriter) -> None:
            layer.copy(path, subtree(self.tree, path), owner=owned)
            layer.directory(path, owner=owned)

        return await self.laid(("chown", path, owned), own)

    async def without_directory(self, path: str) -> "Directory":
        return await self.without_files([path])

    async def without_file(self, path: str) -> "Directory":
        return await self.without_files([path])

    async def without_files(self, paths: Sequence[str]) -> "Directory":
        def remove(layer: LayerWriter) -> None:
            for path in paths:
                for name in self._matching(path):
                    layer.remove(name)

        return await self.laid(("remove", list(paths)), remove)

    def _matching(self, pattern: str) -> list[str]:
        if "*" not in pattern:
            return [pattern]
        wanted = glob_of(clean(pattern))
        return [entry.path for entry in walk(self.tree) if wanted(entry.path)]

    def with_error(self, err: str) -> "Directory":
        if err:
            raise EngineError(err)
        return self

    async def export(self, path: str, client: Client, wipe: bool = False) -> str:
        place = (client.workdir / path).resolve()
        await asyncio.to_thread(put_directory, self.tree, place, wipe=wipe)
        return str(place)

    async def laid(self, what: Sequence[object], change: Callable[[LayerWriter], None]) -> "Directory":
        """Lay a layer over the directory, made by `change`, unless the same was done before."""
        key = key_of("directory", [layer.key for layer in self.tree], what)

        async def make(draft: Draft) -> dict[str, Any]:
            await asyncio.to_thread(change, LayerWriter(draft.fs, self.tree))
            return {}

        made = await self.engine.store.make(key, make)
        return Directory(self.engine, (*self.tree, made.layer), self.path)


def _above(path: str) -> list[str]:
    """Return the folders on the way to a path, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _check_folders(tree: Tree, path: str) -> None:
    """Raise EngineError when something else than a folder is on the way to a path."""
    for name in _above(path):
        entry = lookup(tree, name)
        if entry and not entry.is_dir:
            raise EngineError(f"mkdir /{name}: not a directory")
