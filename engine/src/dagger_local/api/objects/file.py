"""File: one file of a tree."""

import asyncio
import hashlib
import json
import os
import posixpath
import re
import shutil
import stat as stat_module
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.env_file import EnvFile, read_env_file
from dagger_local.api.objects.search import search
from dagger_local.api.objects.stat import Stat, found, stat_of
from dagger_local.api.objects.values import JSONValue
from dagger_local.errors import EngineError
from dagger_local.execution.users import find_owner
from dagger_local.store.digests import file_digest
from dagger_local.store.snapshots import Draft, key_of
from dagger_local.store.tree import Entry, Tree
from dagger_local.store.writing import LayerWriter


@dataclass(frozen=True, slots=True)
class File(Object):
    """The file at `path` of `tree`."""

    tree: Tree = ()
    path: str = ""
    stamped: int | None = None
    """The time that it was given by withTimestamps, which is then a part of what it is."""
    called: str = ""
    """The name it was given by withName; else that of its path."""

    @property
    def entry(self) -> Entry:
        """Where the file lies; raises EngineError when there is none."""
        entry = found(self.tree, self.path)
        if entry.is_dir:
            raise EngineError(f"path {self.path} is a directory, not a file")
        return entry

    async def key(self) -> str:
        """Return what names the file's content, mode and owner."""
        entry = self.entry
        info = entry.stat
        return key_of(
            await asyncio.to_thread(file_digest, entry.host), info.st_mode, info.st_uid, info.st_gid, self.stamped
        )

    def sync(self) -> None:
        """Raise when the file is not there."""
        _ = self.entry

    def name(self) -> str:
        return self.called or posixpath.basename(self.path)

    def size(self) -> int:
        return self.entry.stat.st_size

    def stat(self) -> Stat | None:
        return stat_of(self.engine, self.entry)

    async def contents(self, offset_lines: int | None = None, limit_lines: int | None = None) -> str:
        text = (await asyncio.to_thread(self.entry.host.read_bytes)).decode(errors="replace")
        if not offset_lines and limit_lines is None:
            return text
        start, count = offset_lines or 0, -1 if limit_lines is None else limit_lines
        return "".join(_lines(text)[start : None if count < 0 else start + count])

    async def digest(self, exclude_metadata: bool = False) -> str:
        content = await asyncio.to_thread(file_digest, self.entry.host)
        if exclude_metadata:
            return f"sha256:{hashlib.sha256(bytes.fromhex(content)).hexdigest()}"
        info = self.entry.stat
        facts = json.dumps([content, stat_module.S_IMODE(info.st_mode), info.st_uid, info.st_gid])
        return f"sha256:{hashlib.sha256(facts.encode()).hexdigest()}"

    async def export(self, path: str, client: Client, allow_parent_dir_path: bool = False) -> str:
        asked = Path(os.path.normpath(client.workdir / path))
        place = asked
        if place.is_dir():
            if not (allow_parent_dir_path or path.endswith("/")):
                said = f'destination "{asked}" is a directory; must be a file path unless allowParentDirPath is set'
                raise EngineError(said)
            place = place / self.name()
        entry = self.entry
        await asyncio.to_thread(_copy, entry, place)
        return str(asked)

    async def search(self, skip_ignored: bool = False, **options: Any) -> list[Any]:
        return await search(self.engine, [self.entry], **options)

    def with_name(self, name: str) -> "File":
        if "/" in name:
            raise EngineError(f'file name "{name}" must not contain a directory')
        if not name:
            raise EngineError("a file needs a name; the empty one is none")
        return replace(self, called=name)

    async def with_replaced(
        self, search: str, replacement: str, all: bool = False, first_from: int | None = None
    ) -> "File":
        text = await self.contents()
        start = sum(map(len, _lines(text)[: first_from - 1])) if first_from else 0
        head, tail = text[:start], text[start:]
        if search not in tail:
            raise EngineError(f"{self.path} does not contain the text to replace")
        if not all and first_from is None and tail.count(search) > 1:
            raise EngineError(
                f"{self.path} contains the text {tail.count(search)} times; ask for all, or for the first"
            )
        tail = tail.replace(search, replacement) if all else tail.replace(search, replacement, 1)
        mode = stat_module.S_IMODE(self.entry.stat.st_mode)
        return await new_file(self.engine, self.name(), (head + tail).encode(), mode)

    async def with_timestamps(self, timestamp: int) -> "File":
        return await self._changed(("timestamps", timestamp), timestamp=timestamp)

    async def chown(self, owner: str) -> "File":
        return await self._changed(("chown", owner), owner=find_owner((), owner))

    async def as_env_file(self, expand: bool | None = None) -> EnvFile:
        return read_env_file(self.engine, await self.contents(), expand=bool(expand))

    async def as_json(self) -> Any:
        try:
            return JSONValue(self.engine, json.loads(await self.contents()))
        except ValueError:
            raise EngineError("invalid JSON") from None

    async def _changed(
        self, what: tuple[object, ...], *, owner: tuple[int, int] | None = None, timestamp: int | None = None
    ) -> "File":
        entry, name = self.entry, self.name()

        def write(root: Path) -> None:
            # Naming the owner gives the copy an inode of its own.
            LayerWriter(root).put(name, entry, owner=owner or (entry.stat.st_uid, entry.stat.st_gid))
            if timestamp is not None:
                os.utime(root / name, (timestamp, timestamp), follow_symlinks=False)

        async def make(draft: Draft) -> dict[str, Any]:
            await asyncio.to_thread(write, draft.fs)
            return {}

        made = await self.engine.store.make(key_of(what, await self.key(), name), make)
        return File(self.engine, (made.layer,), name, self.stamped if timestamp is None else timestamp)


def env_file_as_file(variables: EnvFile) -> Awaitable[File]:
    """Answer EnvFile.asFile."""
    return new_file(variables.engine, ".env", "".join(f"{name}={value}\n" for name, value in variables.pairs).encode())


async def new_file(engine: Any, name: str, data: bytes, mode: int = 0o644) -> File:
    """Make a file out of nothing."""

    async def write(draft: Draft) -> dict[str, Any]:
        LayerWriter(draft.fs).write(name, data, mode=mode)
        return {}

    made = await engine.store.make(key_of("file", name, data.hex(), mode), write)
    return File(engine, (made.layer,), name)


def _copy(entry: Entry, place: Path) -> None:
    make_private(place.parent)
    shutil.copyfile(entry.host, place)
    place.chmod(stat_module.S_IMODE(entry.stat.st_mode))


def make_private(folder: Path) -> None:
    """Make a folder of the host and those above; new ones are the user's alone."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: other signs that end a line somewhere are content."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
