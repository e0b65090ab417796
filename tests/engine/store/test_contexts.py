"""A tree is shown as a folder once, to all who ask."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dagger_local.store.contexts import Contexts
from dagger_local.store.mounts import Mounter
from dagger_local.store.tree import Layer, Tree

pytestmark = pytest.mark.anyio

_TREE = (Layer("one", Path("/one")), Layer("two", Path("/two")))


class SlowMounter(Mounter):
    """Mounts nothing, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.mounted: list[Path] = []

    async def overlay(self, tree: Tree, target: Path, **_: Any) -> None:
        assert tree == _TREE
        await asyncio.sleep(0.01)
        if self.failures:
            self.failures -= 1
            raise OSError("not now")
        self.mounted.append(target)


async def test_all_wait_for_the_one_mount(tmp_path: Path) -> None:
    mounter = SlowMounter()
    contexts = Contexts(mounter, tmp_path)

    async def show() -> bool:
        return await contexts.show(_TREE) in mounter.mounted

    assert await asyncio.gather(*(show() for _ in range(3))) == [True] * 3
    assert len(mounter.mounted) == 1


async def test_a_failure_is_tried_again(tmp_path: Path) -> None:
    contexts = Contexts(SlowMounter(failures=1), tmp_path)

    with pytest.raises(OSError, match="not now"):
        await contexts.show(_TREE)

    assert (await contexts.show(_TREE)).is_dir()
