"""Snapshots: layers made by the engine, kept on disk by key, each made whole or not at all."""

import asyncio
import contextlib
import errno
import hashlib
import json
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagger_local.disk import full_disk_named
from dagger_local.store.guard import Guard, claim, note_use
from dagger_local.store.tree import Layer

_GENERATION = 2
"""Raise it when the same recipe comes to make something else, so that what older engines kept is not taken for it."""


ONCE = "~once~"
"""How keys begin of what is made from something that no later session can have: it goes when its session ends."""


def key_of(*parts: object) -> str:
    """Name a thing by what it is made from: a digest of the parts' JSON, 32 hex digits."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"{ONCE}{digest}" if ONCE in text else digest


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A kept layer: `directory` holds `fs` (the layer), `meta.json`, and whatever its maker put beside them."""

    key: str
    directory: Path
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def layer(self) -> Layer:
        return Layer(self.key, self.directory / "fs")

    def beside(self, name: str) -> Layer:
        """Return the layer that was made beside the main one under `name`."""
        return Layer(f"{self.key}:{name}", self.directory / name)


@dataclass(frozen=True, slots=True)
class Draft:
    """A snapshot in the making, in a folder that only this session knows."""

    directory: Path

    @property
    def fs(self) -> Path:
        return self.directory / "fs"


class SnapshotStore:
    """Snapshots under `state/snapshots`; drafts under `state/drafts/<session>` until they are renamed there.

    Two sessions that make the same snapshot both succeed: the first rename wins, the other is thrown away.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        self._kept = state / "snapshots" / str(_GENERATION)
        self._kept.mkdir(parents=True, exist_ok=True)
        self._memos = state / "memo"
        self._memos.mkdir(exist_ok=True)
        self._guard = Guard(state)
        self._drafts = claim(state / "drafts")
        self._noted: set[str] = set()
        self.has_made = False
        """Whether this session added anything."""
        self._making: dict[str, asyncio.Task[Snapshot]] = {}

    def find(self, key: str) -> Snapshot | None:
        """Return the snapshot of this key if it was made before."""
        directory = self._kept / key
        try:
            with self._guard.using() if key not in self._noted else contextlib.nullcontext():
                meta = json.loads((directory / "meta.json").read_bytes())
                if key not in self._noted:
                    note_use(directory)
                    self._noted.add(key)
        except (OSError, ValueError):  # not there, or torn by a machine that went down
            return None
        return Snapshot(key, directory, meta) if isinstance(meta, dict) else None

    async def make(self, key: str, maker: Callable[[Draft], Awaitable[Mapping[str, Any]]]) -> Snapshot:
        """Return the snapshot of this key, calling `maker` on a draft when there is none; single-flight.

        `maker` fills `draft.fs` and returns the snapshot's meta data. What it leaves when it fails is removed.
        """
        found = self.find(key)
        if found:
            return found
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(self._make(key, maker))
            task.add_done_callback(lambda done: self._made(key, done))
        return await asyncio.shield(task)

    async def _make(self, key: str, maker: Callable[[Draft], Awaitable[Mapping[str, Any]]]) -> Snapshot:
        async with self.draft() as draft:
            return self.keep(draft, key, await maker(draft))

    def keep(self, draft: Draft, key: str, meta: Mapping[str, Any]) -> Snapshot:
        """Make a filled draft the snapshot of this key; of two that made it, the first one's is kept."""
        (draft.directory / "meta.json").write_text(json.dumps(meta))
        self.has_made = True
        while True:
            try:
                draft.directory.rename(self._kept / key)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            if found := self.find(key):
                return found
            with contextlib.suppress(FileNotFoundError):  # what is there cannot be read: out of the way
                (self._kept / key).rename(self._drafts / uuid.uuid4().hex)

    def _made(self, key: str, task: "asyncio.Task[Snapshot]") -> None:
        self._making.pop(key, None)
        if not task.cancelled():
            task.exception()  # told to whoever waits; when nobody does any more, it is nobody's

    @contextlib.asynccontextmanager
    async def draft(self) -> AsyncIterator[Draft]:
        """Open a draft that is removed at the end unless it was renamed."""
        draft = Draft(self._drafts / uuid.uuid4().hex[:12])
        try:
            with full_disk_named(self.state):
                draft.fs.mkdir(parents=True)
                draft.fs.chmod(0o755)
                yield draft
        finally:
            await asyncio.to_thread(shutil.rmtree, draft.directory, ignore_errors=True)

    def recall(self, name: str) -> bytes | None:
        """Return the small fact that was remembered under `name`."""
        try:
            return (self._memos / name).read_bytes()
        except FileNotFoundError:
            return None

    def remember(self, name: str, fact: bytes) -> None:
        """Remember a small fact (not secret, safe to lose) for this session and later ones; never half of it."""
        fresh = self._drafts / uuid.uuid4().hex
        with full_disk_named(self.state):
            fresh.write_bytes(fact)
            fresh.rename(self._memos / name)

    def is_new(self, value: str) -> bool:
        """Tell whether a value was never asked for in an earlier session."""
        name = f"seen-{key_of(value)}"
        seen = self.recall(name)
        if seen is None:
            self.remember(name, self._drafts.name.encode())
        return seen in (None, self._drafts.name.encode())

    async def close(self) -> None:
        """Cancel what is being made, wait until it has cleaned up, and remove what no later session can use."""
        making = list(self._making.values())
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)
        for key in self._noted:
            if key.startswith(ONCE):
                await asyncio.to_thread(shutil.rmtree, self._kept / key, ignore_errors=True)
        await asyncio.to_thread(shutil.rmtree, self._drafts, ignore_errors=True)
        self._guard.close()
