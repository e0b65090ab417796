"""An image store on the machine's own storage."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from dagger_local.images import ImageStore
from dagger_local.process import run


@pytest.fixture
async def store(new_state: Callable[[], Path], tmp_path: Path) -> AsyncIterator[ImageStore]:
    if os.geteuid():
        pytest.skip("mounting images needs root")
    state = new_state()
    opened = ImageStore(state, tmp_path / "run")
    yield opened
    await opened.close()
    # Outside of the engine's own mount namespace, what the storage's driver mounts stays.
    for mounted in (state / "storage" / "overlay", tmp_path / "run" / "containers" / "overlay"):
        await run(["umount", "--quiet", mounted], check=False)


@pytest.fixture
def context(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a build context with a Dockerfile."""

    def make(dockerfile: str) -> Path:
        place = tmp_path / "context"
        place.mkdir(exist_ok=True)
        (place / "Dockerfile").write_text(dockerfile)
        return place

    return make
