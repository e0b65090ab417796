"""Directory: a tree of files, changed by laying layers over it.

Its fields that lead to a type above it are in that type's file: changes, diff and patches in changeset.py, asGit in
git.py, dockerBuild in docker_build.py.
"""

import asyncio
import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.file import File
from dagger_local.api.objects.patterns import filter_of, glob_of
from dagger_local.api.objects.search import SearchResult, search
from dagger_local.api.objects.stat import Stat, exists, stat_of
from dagger_local.errors import EngineError
from dagger_local.execution.users import find_owner
from dagger_local.store.digests import tree_digest
from dagger_local.store.host import put_directory
from dagger_local.store.snapshots import Draft, key_of
from dagger_local.store.tree import Tree, children, require, resolve, walk
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
        wanted = glob_of(pattern)
        found = await asyncio.to_thread(lambda: list(walk(self.tree)))
        return [f"{entry.path}/" if entry.is_dir else entry.path for entry in found if wanted(entry.path)]

    def exists(self, path: str, expected_type: str | None = None, do_not_follow_symlinks: bool = False) -> bool:
        return exists(self.tree, path, expected_type, follow=not do_not_follow_symlinks)

    def stat(self, path: str, do_not_follow_symlinks: bool = False) -> Stat | None:
        return stat_of(self.engine, require(self.tree, path, follow=not do_not_follow_symlinks))

    def find_up(self, name: str, start: str) -> str | None:
        folder = start.strip("/")
        while True:
            found = resolve(self.tree, posixpath.join(folder, name))
            if found:
                return posixpath.join(folder, name)
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    async def search(self, **options: Any) -> list[SearchResult]:
        return await search(self.engine, walk(self.tree), **options)

    def directory(self, path: str) -> "Directory":
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
        takes = filter_of(source.tree, exclude, include, gitignore=gitignore)
        owned = find_owner(self.tree, owner)
        what = ("directory", path, await source.key(), exclude, include, gitignore, owned, permissions)
        return await self.laid(
            what, lambda layer: layer.copy(path, source.tree, takes=takes, owner=owned, mode=permissions)
        )

    async def with_file(self, path: str, source: File, permissions: int | None = None, owner: str = "") -> "Directory":
        entry = source.entry
        owned = find_owner(self.tree, owner)
        if path.endswith("/") or ((found := resolve(self.tree, path)) and found.is_dir):
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
        owned = find_owner(self.tree, owner)
        what = ("write", path, contents, permissions, owned)
        return await self.laid(what, lambda layer: layer.write(path, contents.encode(), mode=permissions, owner=owned))

    async def with_new_directory(self, path: str, permissions: int = 0o755) -> "Directory":
        # Dagger's default, 0644, is a folder that nobody but root can enter; its engine makes it 0755 as well.
        mode = 0o755 if permissions == 0o644 else permissions
        return await self.laid(("folder", path, mode), lambda layer: layer.directory(path, mode=mode))

    async def with_symlink(self, target: str, link_name: str) -> "Directory":
        return await self.laid(("link", target, link_name), lambda layer: layer.symlink(link_name, target))

    async def with_timestamps(self, timestamp: int) -> "Directory":
        what = ("timestamps", timestamp, await self.key())
        return await Directory(self.engine).laid(what, lambda layer: layer.copy_at(self.tree, timestamp))

    async def chown(self, path: str, owner: str) -> "Directory":
        owned = find_owner(self.tree, owner)
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
        if not any(sign in pattern for sign in "*?["):
            return [pattern]
        wanted = glob_of(pattern)
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
