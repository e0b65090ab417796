"""What goes and what stays when the store is tidied up."""

import asyncio
import fcntl
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dagger_local.store.collection import collect, entries, read_size
from dagger_local.store.guard import _alone, oldest_session
from dagger_local.store.snapshots import ONCE, Draft, SnapshotStore, key_of

pytestmark = pytest.mark.anyio

HOUR = 3600.0


async def make(store: SnapshotStore, key: str, size: int = 100_000) -> None:
    async def write(draft: Draft) -> dict[str, str]:
        (draft.fs / "file").write_bytes(b"x" * size)
        return {}

    await store.make(key, write)


def last_used(state: Path, key: str, seconds_ago: float) -> None:
    [place] = (state / "snapshots").glob(f"*/{key}")
    when = time.time() - seconds_ago
    os.utime(place, (when, when))


def keys(state: Path) -> set[str]:
    return {place.name for place in (state / "snapshots").glob("*/*")}


async def test_the_longest_unused_goes_until_enough_is_free(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    for number in range(4):
        await make(store, f"layer{number}")
        last_used(tmp_path, f"layer{number}", (number + 1) * HOUR)
    await store.close()

    freed = collect(tmp_path, keep=250_000)

    assert keys(tmp_path) == {"layer0", "layer1"}
    assert freed >= 200_000


async def test_what_nobody_used_for_long_goes_whatever_room_there_is(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    for key, hours in (("old", 50), ("new", 1)):
        await make(store, key)
        last_used(tmp_path, key, hours * HOUR)
    await store.close()

    collect(tmp_path, older_than=49 * HOUR)

    assert keys(tmp_path) == {"new"}


async def test_what_a_living_session_found_stays_and_what_it_only_could_find_goes(tmp_path: Path) -> None:
    first = SnapshotStore(tmp_path)
    for key in ("found", "other"):
        await make(first, key)
        last_used(tmp_path, key, 50 * HOUR)
    await first.close()
    second = SnapshotStore(tmp_path)
    assert second.find("found")

    collect(tmp_path, keep=0)

    assert keys(tmp_path) == {"found"}
    assert second.find("found")
    assert not second.find("other")
    await second.close()


async def test_what_is_made_for_one_session_goes_with_it_and_so_does_what_is_made_of_it(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    alone = key_of(ONCE, "a call")
    on_it, beside = key_of("a file on it", [alone]), key_of("a file")
    for key in (alone, on_it, beside):
        await make(store, key)
    assert keys(tmp_path) == {alone, on_it, beside}

    await store.close()

    assert keys(tmp_path) == {beside}


async def test_a_value_is_new_in_one_session_only(tmp_path: Path) -> None:
    first = SnapshotStore(tmp_path)
    assert first.is_new("value")
    assert first.is_new("value")
    await first.close()

    second = SnapshotStore(tmp_path)
    assert not second.is_new("value")
    await second.close()


async def test_what_a_killed_session_made_for_itself_goes_too(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    await make(store, key_of(ONCE))
    last_used(tmp_path, key_of(ONCE), HOUR)
    store._noted.clear()  # as if it had never come to its end
    await store.close()

    collect(tmp_path)

    assert keys(tmp_path) == set()


async def test_to_measure_a_snapshot_is_not_to_use_it(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    await make(store, "layer")
    last_used(tmp_path, "layer", HOUR)
    await store.close()

    first, again = entries(tmp_path), entries(tmp_path)

    assert first == again
    assert first[0].size >= 100_000
    assert time.time() - again[0].used > HOUR - 1


def test_who_looks_for_sessions_waits_while_one_begins(tmp_path: Path) -> None:
    beginning = tmp_path / "beginning"
    with ThreadPoolExecutor() as pool:
        with _alone(tmp_path):
            looking = pool.submit(oldest_session, tmp_path)
            beginning.mkdir()
            lock = (beginning / "lock").open("w")
            os.utime(beginning / "lock", (1, 1))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert looking.result() == 1
    lock.close()


def test_several_collect_at_once_beside_sessions_that_come_and_go(tmp_path: Path) -> None:
    async def work() -> None:
        for number in range(15):
            store = SnapshotStore(tmp_path)
            key = key_of(ONCE, number, threading.get_ident())
            await make(store, key, 100)
            kept = store.find(key)
            assert kept
            assert (kept.directory / "fs/file").exists()
            await store.close()

    SnapshotStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        sessions = [pool.submit(asyncio.run, work()) for _ in range(4)]
        collections = [pool.submit(collect, tmp_path) for _ in range(100)]
        for one in sessions:
            one.result()
        for other in collections:
            other.result()


@pytest.mark.parametrize(("text", "size"), [("20GB", 20 * 10**9), ("500mb", 5 * 10**8), ("1.5 k", 1500), ("7", 7)])
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "GB", "1x"])
def test_what_is_no_size_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        read_size(text)
