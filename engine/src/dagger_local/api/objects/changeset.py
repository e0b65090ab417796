"""Changeset: what differs between two directories, as paths, as a patch, or applied to the host."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from dagger_local.api.client import Client
from dagger_local.api.comparison import Paths, compare
from dagger_local.api.git_tools import apply, counted, patch_of
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.file import File, new_file
from dagger_local.api.objects.merging import Sides, merge
from dagger_local.errors import EngineError
from dagger_local.store.host import put_entry, remove
from dagger_local.store.snapshots import Draft, key_of
from dagger_local.store.tree import Entry, require
from dagger_local.store.writing import LayerWriter, materialize

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DiffStat(Object):
    """How much one path changed, in lines; binary files count none."""

    path: str = ""
    kind: str = "MODIFIED"
    added_lines: int = 0
    removed_lines: int = 0
    old_path: str | None = None


@dataclass(frozen=True, slots=True)
class Changeset(Object):
    """The way from `before` to `after`. Paths of directories end with a slash."""

    before: Directory
    after: Directory

    async def added_paths(self) -> list[str]:
        return list((await self.paths()).added)

    async def modified_paths(self) -> list[str]:
        return list((await self.paths()).modified)

    async def removed_paths(self) -> list[str]:
        return list((await self.paths()).removed)

    async def is_empty(self) -> bool:
        paths = await self.paths()
        return all(path.endswith("/") for path in paths.all())  # git knows no folders

    async def layer(self) -> Directory:
        """Return what was added and modified, alone."""
        paths = await self.paths()
        entries = [require(self.after.tree, path, follow=False) for path in (*paths.added, *paths.modified)]

        async def write(draft: Draft) -> dict[str, Any]:
            # Over `after`, so that folders on the way keep the mode and owner that they have there.
            await asyncio.to_thread(_write, LayerWriter(draft.fs, self.after.tree), entries)
            return {}

        key = key_of("changes", await self.before.key(), await self.after.key())
        made = await self.engine.store.make(key, write)
        return Directory(self.engine, (made.layer,))

    async def as_patch(self) -> File:
        """Return the changes as git would show them, binary files included."""
        return await new_file(self.engine, "diff.patch", await self._asked(patch_of))

    async def diff_stats(self) -> list[DiffStat]:
        paths = await self.paths()
        kinds = {
            **dict.fromkeys(paths.added, "ADDED"),
            **dict.fromkeys(paths.modified, "MODIFIED"),
            **dict.fromkeys(paths.removed, "REMOVED"),
        }
        rows = {row.path: row for row in await self._asked(counted)}
        stats = []
        for path, kind in sorted(kinds.items()):
            row = rows.get(path)
            if row and row.old:
                stats.append(DiffStat(self.engine, path, "RENAMED", row.added, row.removed, row.old))
            elif not any(other.old == path for other in rows.values()):
                stats.append(DiffStat(self.engine, path, kind, row.added if row else 0, row.removed if row else 0))
        return stats

    async def export(self, path: str, client: Client) -> str:
        place = (client.workdir / path).resolve()
        paths = await self.paths()
        await asyncio.to_thread(self._apply, place, paths)
        return str(place)

    def _apply(self, place: Path, paths: Paths) -> None:
        for path in reversed(paths.removed):  # what is in a folder before the folder
            target = _inside(place, path)
            if path.endswith("/"):
                if target.is_dir() and not target.is_symlink() and not any(target.iterdir()):
                    target.rmdir()
            else:
                remove(target)
        for path in sorted((*paths.added, *paths.modified)):
            target = _inside(place, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            put_entry(require(self.after.tree, path, follow=False), target)

    async def with_changeset(self, changes: "Changeset", on_conflict: str = "FAIL") -> "Changeset":
        return await self.with_changesets([changes], on_conflict)

    async def with_changesets(self, changes: Sequence["Changeset"], on_conflict: str = "FAIL") -> "Changeset":
        this = self
        for other in changes:
            mine, theirs = await this.paths(), await other.paths()
            laid = await with_changes(this.after, other)
            sides = Sides(self.before, this.after, other.after)
            this = Changeset(self.engine, self.before, await merge(laid, sides, mine, theirs, on_conflict))
        return this

    async def paths(self) -> Paths:
        """Return the paths that differ, each list sorted as a walk goes."""
        return await asyncio.to_thread(compare, self.before.tree, self.after.tree)

    async def _asked(self, question: Callable[[Path], Awaitable[T]]) -> T:
        """Ask git about what changed, laid out in a folder of its own: `a` before, `b` after."""
        paths = await self.paths()
        folder = Path(tempfile.mkdtemp(dir=self.engine.run))
        try:
            sides = (
                ("a", self.before, (*paths.removed, *paths.modified)),
                ("b", self.after, (*paths.added, *paths.modified)),
            )
            for name, side, wanted in sides:
                (folder / name).mkdir()
                entries = [require(side.tree, path, follow=False) for path in wanted]
                await asyncio.to_thread(_write, LayerWriter(folder / name), entries)
            return await question(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


# Fields of Directory


def changes(after: Directory, from_: Directory) -> Changeset:
    """Answer Directory.changes."""
    return Changeset(after.engine, from_, after)


async def diff(before: Directory, other: Directory) -> Directory:
    """Answer Directory.diff: what `other` has that `before` has not, or differently."""
    return await Changeset(before.engine, before, other).layer()


async def with_changes(directory: Directory, changes: Changeset) -> Directory:
    """Answer Directory.withChanges."""
    layer = await changes.layer()
    removed = await changes.removed_paths()

    def remove_all(writer: LayerWriter) -> None:
        for path in removed:
            writer.remove(path)

    return await (await directory.laid(("remove exactly", removed), remove_all)).with_directory("", layer)


async def with_patch_file(directory: Directory, patch: File) -> Directory:
    """Answer Directory.withPatchFile."""
    return await with_patch(directory, await patch.contents())


async def with_patch(directory: Directory, patch: str) -> Directory:
    """Answer Directory.withPatch: apply a patch in git's form; raises EngineError when it does not apply."""
    key = key_of("patch", await directory.key(), patch)

    async def make(draft: Draft) -> dict[str, Any]:
        await asyncio.to_thread(_materialize_copy, directory, draft.fs)
        await apply(patch, draft.fs)
        return {}

    made = await directory.engine.store.make(key, make)
    return Directory(directory.engine, (made.layer,), directory.path)


def _materialize_copy(directory: Directory, target: Path) -> None:
    """Write the directory below `target` with inodes of its own, to be changed."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        materialize(directory.tree, Path(folder))
        shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)


def _write(layer: LayerWriter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.is_dir:
            layer.directory(entry.path, mode=entry.stat.st_mode & 0o7777, owner=(entry.stat.st_uid, entry.stat.st_gid))
        else:
            layer.put(entry.path, entry)


def _inside(place: Path, path: str) -> Path:
    """Return where a path of a changeset lies on the host; a link on the way must not lead out of `place`."""
    target = place / path.rstrip("/")
    if not target.parent.resolve().is_relative_to(place.resolve()):
        raise EngineError(f"{path} leads out of {place} by a symbolic link; nothing was written there")
    return target
