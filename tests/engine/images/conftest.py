"""An image store on the machine's own storage."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from dagger_local.images import ImageStore
from dagger_local.process import run
from dagger_local.store.mounts import Mounter


@pytest.fixture
async def store(new_state: Callable[[], Path], tmp_path: Path) -> AsyncIterator[ImageStore]:
    if os.geteuid():
        pytest.skip("mounting images needs root")
    state = new_state()
    mounter = Mounter(state)
    opened = ImageStore(state, tmp_path / "run", mounter)
    yield opened
    await opened.close()
    mounter.close()
    # Outside of the engine's own mount namespace, what the storage's driver mounts stays.
    for mounted in (state / "storage" / "overlay", tmp_path / "run" / "containers" / "overlay"):
        await run(["umount", "--quiet", mounted], check=False)
