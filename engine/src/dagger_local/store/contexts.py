"""Trees shown as folders of the host, for programs of the host that read them."""

import asyncio
from pathlib import Path

from dagger_local.store.mounts import Mounter
from dagger_local.store.snapshots import key_of
from dagger_local.store.tree import Tree


class Contexts:
    """Mounts trees read-only under `run`, each once a session."""

    def __init__(self, mounter: Mounter, run: Path) -> None:
        self._mounter = mounter
        self._root = run / "contexts"
        self._mounting: dict[str, asyncio.Task[Path]] = {}

    async def show(self, tree: Tree) -> Path:
        """Return a folder that shows the tree: its only layer, or an overlay of all."""
        if len(tree) == 1:
            return tree[0].path
        key = key_of(*(layer.key for layer in tree))
        task = self._mounting.get(key)
        if task is None:
            task = self._mounting[key] = asyncio.create_task(self._mount(tree, self._root / key))
            task.add_done_callback(lambda done: self._forget_failure(key, done))
        return await asyncio.shield(task)

    async def _mount(self, tree: Tree, place: Path) -> Path:
        place.mkdir(parents=True, exist_ok=True)
        await self._mounter.overlay(tree, place)
        return place

    def _forget_failure(self, key: str, task: "asyncio.Task[Path]") -> None:
        if task.cancelled() or task.exception():
            self._mounting.pop(key, None)
