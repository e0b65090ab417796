"""Two commands are the same only if all that they are given is."""

from dataclasses import replace
from pathlib import Path

import pytest

from dagger_local.execution.executor import _key
from dagger_local.execution.model import CacheMount, Command
from dagger_local.store.snapshots import SnapshotStore
from dagger_local.store.tree import Layer

_CACHE = CacheMount("/c", "it")
_COMMAND = Command((), ("true",), {}, "/", "", mounts=(_CACHE,))


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path)


def test_the_same_command_has_the_same_key(store: SnapshotStore) -> None:
    assert _key(store, _COMMAND) == _key(store, replace(_COMMAND, mounts=(CacheMount("/c", "it"),)))


def test_a_caches_owner_and_first_content_count(store: SnapshotStore, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/file").touch()
    mounts = [_CACHE, replace(_CACHE, owner=(1, 1)), replace(_CACHE, source=(Layer("source", tmp_path / "source"),))]

    assert len({_key(store, replace(_COMMAND, mounts=(mount,))) for mount in mounts}) == 3


def test_being_given_the_session_counts(store: SnapshotStore) -> None:
    assert _key(store, _COMMAND) != _key(store, replace(_COMMAND, nested=True))
