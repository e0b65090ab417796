"""WORKDIR: the folder, made where it is missing, for the user that the image has by then."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from dagger_local.building import owners
from dagger_local.building.copying import Copies
from dagger_local.building.state import State
from dagger_local.building.tools import Tools
from dagger_local.store.snapshots import Draft, key_of
from dagger_local.store.tree import resolve
from dagger_local.store.writing import Owner


async def make_workdir(state: State, tools: Tools) -> State:
    """Return the state with its working directory there. Raises ValueError when something else stands there."""
    there = resolve(state.tree, state.workdir)
    if there and there.is_dir:
        return state
    if there:
        raise ValueError(f"{state.workdir} is there, and no folder")
    owner = await asyncio.to_thread(owners.owner, state.tree, str(state.config.get("User") or ""))

    async def write(draft: Draft) -> dict[str, Any]:
        await asyncio.to_thread(_write, draft.fs, state, owner)
        return {}

    key = key_of("dockerfile workdir", [layer.key for layer in state.tree], state.workdir, owner)
    made = await tools.store.make(key, write)
    return replace(state, layers=(*state.layers, made.layer))


def _write(root: Path, state: State, owner: Owner | None) -> None:
    """Make the folder: it is the user's, those on the way to it are root's."""
    copies = Copies(root, state.tree, owner=None, mode=None)
    place = copies.folder(state.workdir)
    if owner:
        os.chown(root / place, *owner)
    copies.finish()
