"""Merge two changesets of the same files: by line, as git merges branches."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagger_local.api.comparison import Paths
from dagger_local.api.git_tools import merged
from dagger_local.api.objects.directory import Directory
from dagger_local.errors import EngineError
from dagger_local.store.snapshots import Draft, key_of
from dagger_local.store.tree import Entry, resolve
from dagger_local.store.writing import LayerWriter

_FAILED = "git [merge --no-edit --no-commit theirs]: exit status 1: "
_HINT = "Automatic merge failed; fix conflicts and then commit the result.\n"


@dataclass(frozen=True, slots=True)
class Sides:
    """The trees that a merge is about: what both began with, ours and theirs."""

    base: Directory
    ours: Directory
    theirs: Directory

    def entries(self, path: str) -> tuple[Entry | None, Entry | None, Entry | None]:
        """Return what the three have at a path."""
        one, two, three = (resolve(each.tree, path, follow=False) for each in (self.base, self.ours, self.theirs))
        return one, two, three


async def merge(into: Directory, sides: Sides, ours: Paths, theirs: Paths, on_conflict: str) -> Directory:
    """Lay what both sides changed over `into`, which holds our changes and theirs.

    Raises EngineError for a conflict that `on_conflict` does not settle, in git's words.
    """
    both = sorted(path for path in ours.all() & theirs.all() if not path.endswith("/"))
    if both and on_conflict == "FAIL_EARLY":
        raise EngineError(f'conflict between changesets at path "{both[0]}": path modified in both changesets')
    for path in both:
        into = await _merge_path(into, sides, path, on_conflict)
    return into


async def _merge_path(into: Directory, sides: Sides, path: str, on_conflict: str) -> Directory:
    base, ours, theirs = sides.entries(path)
    if ours is None or theirs is None or not (ours.is_file and theirs.is_file):
        return await _choose(into, path, ours, theirs, on_conflict)
    key = key_of("merge", path, on_conflict, *[await each.key() for each in (sides.base, sides.ours, sides.theirs)])

    async def make(draft: Draft) -> dict[str, Any]:
        folder = Path(tempfile.mkdtemp(dir=into.engine.run))
        try:
            versions = [folder / name for name in ("ours", "base", "theirs")]
            for place, entry in zip(versions, (ours, base, theirs), strict=True):
                place.write_bytes(entry.host.read_bytes() if entry and entry.is_file else b"")
            prefer = {"PREFER_OURS": "ours", "PREFER_THEIRS": "theirs"}.get(on_conflict, "")
            data, collide = await merged(versions, prefer)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if collide and on_conflict == "FAIL":
            kind = "content" if base else "add/add"
            raise EngineError(f"{_FAILED}Auto-merging {path}\nCONFLICT ({kind}): Merge conflict in {path}\n{_HINT}")
        writer = LayerWriter(draft.fs, into.tree)
        writer.write(path, data, mode=ours.stat.st_mode & 0o7777, owner=(ours.stat.st_uid, ours.stat.st_gid))
        return {}

    made = await into.engine.store.make(key_of(key, await into.key()), make)
    return Directory(into.engine, (*into.tree, made.layer), into.path)


async def _choose(into: Directory, path: str, ours: Entry | None, theirs: Entry | None, on_conflict: str) -> Directory:
    """Settle a path that one side has removed, or that is no file on both."""
    if ours is None and theirs is None:
        return into
    if on_conflict == "FAIL" and (ours is None or theirs is None):
        gone, kept = ("HEAD", "theirs") if ours is None else ("theirs", "HEAD")
        said = f"{path} deleted in {gone} and modified in {kept}.  Version {kept} of {path} left in tree."
        raise EngineError(f"{_FAILED}CONFLICT (modify/delete): {said}\n{_HINT}")
    if on_conflict == "FAIL":
        raise EngineError(f"{_FAILED}CONFLICT (content): Merge conflict in {path}\n{_HINT}")
    chosen = {"PREFER_OURS": ours, "PREFER_THEIRS": theirs}.get(on_conflict, ours or theirs)
    if chosen is None:
        return await into.without_files([path])
    what = ("chosen", path, on_conflict, str(chosen.host))
    return await into.laid(what, lambda layer: layer.put(path, chosen))
