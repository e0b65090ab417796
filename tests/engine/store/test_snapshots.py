"""Snapshots are made once, whole or not at all."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dagger_local.errors import EngineError
from dagger_local.store import host
from dagger_local.store.digests import tree_digest
from dagger_local.store.host import put_directory, take_directory
from dagger_local.store.patterns import Filter
from dagger_local.store.snapshots import Draft, SnapshotStore, key_of
from dagger_local.store.tree import Entry

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "state")


async def test_sessions_that_start_at_once_do_not_take_each_others_place(tmp_path: Path) -> None:
    starting = [asyncio.to_thread(SnapshotStore, tmp_path / "state") for _ in range(60)]
    stores = await asyncio.gather(*starting)

    for number, one in enumerate(stores):
        one.remember(str(number), b"here")
    assert all(one.recall("59") == b"here" for one in stores)


async def test_the_same_key_is_made_once_by_many(store: SnapshotStore) -> None:
    made = []

    async def make(draft: Draft) -> Mapping[str, Any]:
        made.append(draft)
        await asyncio.sleep(0)
        (draft.fs / "file").write_text("x")
        return {"said": "it"}

    snapshots = await asyncio.gather(*(store.make("key", make) for _ in range(20)))

    assert len(made) == 1
    assert {snapshot.meta["said"] for snapshot in snapshots} == {"it"}
    assert (snapshots[0].layer.path / "file").read_text() == "x"


async def test_a_failure_is_told_to_all_leaves_nothing_and_is_tried_again(store: SnapshotStore) -> None:
    attempts = []

    async def make(draft: Draft) -> Mapping[str, Any]:
        attempts.append(draft)
        (draft.fs / "half").write_text("x")
        await asyncio.sleep(0)
        if len(attempts) == 1:
            raise ValueError("no")
        return {}

    results = await asyncio.gather(*(store.make("key", make) for _ in range(3)), return_exceptions=True)

    assert [type(result) for result in results] == [ValueError] * 3
    assert store.find("key") is None
    assert not attempts[0].directory.exists()
    assert (await store.make("key", make)).key == "key"


async def test_who_stops_waiting_does_not_stop_the_others(store: SnapshotStore) -> None:
    go = asyncio.Event()

    async def make(draft: Draft) -> Mapping[str, Any]:
        await go.wait()
        return {}

    first, second = (asyncio.create_task(store.make("key", make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    go.set()

    assert (await second).key == "key"
    assert first.cancelled() or isinstance((await asyncio.gather(first, return_exceptions=True))[0], BaseException)


async def test_closing_ends_what_is_being_made_and_removes_it(store: SnapshotStore) -> None:
    begun = asyncio.Event()
    drafts = []

    async def make(draft: Draft) -> Mapping[str, Any]:
        drafts.append(draft)
        begun.set()
        await asyncio.Event().wait()
        return {}

    making = asyncio.create_task(store.make("key", make))
    await begun.wait()
    await store.close()

    assert not drafts[0].directory.exists()
    await asyncio.gather(making, return_exceptions=True)


async def test_the_first_of_two_stores_wins(tmp_path: Path) -> None:
    one, two = SnapshotStore(tmp_path), SnapshotStore(tmp_path)

    def maker(text: str) -> Any:
        async def make(draft: Draft) -> Mapping[str, Any]:
            (draft.fs / "who").write_text(text)
            if text == "two":
                await one.make("key", maker("one"))
            return {}

        return make

    snapshot = await two.make("key", maker("two"))

    assert (snapshot.layer.path / "who").read_text() == "one"


def test_drafts_of_a_process_that_is_gone_are_removed_and_others_kept(tmp_path: Path) -> None:
    code = """
import pathlib, sys
from dagger_local.store.snapshots import SnapshotStore
print(SnapshotStore(pathlib.Path(sys.argv[1]))._drafts)
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    gone = Path(done.stdout.strip())
    assert gone.exists()
    living = SnapshotStore(tmp_path)._drafts

    SnapshotStore(tmp_path)

    assert not gone.exists()
    assert living.exists()


async def test_a_folder_of_the_host_is_the_same_snapshot_while_its_content_is(
    store: SnapshotStore, tmp_path: Path
) -> None:
    folder = tmp_path / "host"
    folder.mkdir()
    (folder / "file").write_text("one")

    first = await take_directory(store, folder, Filter())
    (folder / "file").touch()
    again = await take_directory(store, folder, Filter())
    (folder / "file").write_text("two")
    changed = await take_directory(store, folder, Filter())

    assert first.key == again.key
    assert changed.key != first.key
    assert (first.layer.path / "file").read_text() == "one"


async def test_an_edit_while_a_folder_is_read_is_not_stored_as_what_was_there(
    store: SnapshotStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "host"
    folder.mkdir()
    (folder / "file").write_text("one")
    copy = host._copy

    def edit_then_copy(entries: list[Entry], target: Path) -> None:
        (folder / "file").write_text("two")
        copy(entries, target)

    monkeypatch.setattr(host, "_copy", edit_then_copy)
    edited = await take_directory(store, folder, Filter())
    monkeypatch.undo()
    (folder / "file").write_text("one")
    original = await take_directory(store, folder, Filter())

    assert edited.key != original.key
    assert [(each.layer.path / "file").read_text() for each in (edited, original)] == ["two", "one"]


async def test_a_file_that_vanishes_while_a_folder_is_read_is_named(
    store: SnapshotStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "host"
    folder.mkdir()
    (folder / "file").write_text("one")
    copy = host._copy

    def remove_then_copy(entries: list[Entry], target: Path) -> None:
        (folder / "file").unlink()
        copy(entries, target)

    monkeypatch.setattr(host, "_copy", remove_then_copy)
    with pytest.raises(EngineError, match="changed while it was read: .*/file is gone; run again"):
        await take_directory(store, folder, Filter())


@pytest.mark.parametrize("torn", [b"", b'{"said":', b"null", b"\xff"])
async def test_a_torn_snapshot_is_made_again(store: SnapshotStore, torn: bytes) -> None:
    async def make(draft: Draft) -> Mapping[str, Any]:
        (draft.fs / "file").write_text("whole")
        return {"said": "it"}

    made = await store.make("key", make)
    (made.directory / "meta.json").write_bytes(torn)
    (made.layer.path / "file").write_text("half")

    assert store.find("key") is None
    again = await store.make("key", make)
    assert again.meta == {"said": "it"}
    assert (again.layer.path / "file").read_text() == "whole"


async def test_a_digest_does_not_depend_on_times_or_layers(store: SnapshotStore, tmp_path: Path) -> None:
    def at(number: int) -> Any:
        async def make(draft: Draft) -> Mapping[str, Any]:
            (draft.fs / "file").write_text("x")
            os.utime(draft.fs / "file", (number, number))
            return {}

        return make

    one, two = [await store.make(key_of(number), at(number)) for number in (1, 2)]

    assert tree_digest(store, (one.layer,)) == tree_digest(store, (two.layer,))


async def test_a_digest_depends_on_the_root_itself(store: SnapshotStore) -> None:
    def with_mode(mode: int) -> Any:
        async def make(draft: Draft) -> Mapping[str, Any]:
            draft.fs.chmod(mode)
            return {}

        return make

    closed, usual = [await store.make(key_of(mode), with_mode(mode)) for mode in (0o700, 0o755)]

    assert tree_digest(store, (closed.layer,)) != tree_digest(store, (usual.layer,))
    assert tree_digest(store, ()) == tree_digest(store, (usual.layer,))


async def test_what_goes_to_the_host_does_not_follow_its_links(store: SnapshotStore, tmp_path: Path) -> None:
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    target.mkdir()
    (target / "d").symlink_to(outside)

    async def make(draft: Draft) -> Mapping[str, Any]:
        (draft.fs / "d").mkdir()
        (draft.fs / "d/f").write_text("f")
        return {}

    put_directory(((await store.make("k", make)).layer,), target)

    assert list(outside.iterdir()) == []
    assert (target / "d/f").read_text() == "f"
