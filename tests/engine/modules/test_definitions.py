"""A module's definition is kept between runs, and learnt again when what was kept cannot be read."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dagger_local.api.objects.module import Module
from dagger_local.modules import definitions
from dagger_local.store.snapshots import SnapshotStore


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    return SimpleNamespace(store=SnapshotStore(tmp_path))


def test_what_was_kept_is_found(engine: Any) -> None:
    definitions.keep(engine, "key", Module(engine, "notes"))

    found = definitions.load(engine, "key")

    assert found
    assert found.name == "notes"
    assert definitions.load(engine, "other") is None


@pytest.mark.parametrize(
    "kept", [b"", b'{"is": "Mod', b'{"is": "Gone"}', b'{"is": "Module", "gone": 1}', b"[]", b"\xff"]
)
def test_what_cannot_be_read_is_not_there(engine: Any, kept: bytes) -> None:
    engine.store.remember("module-key", kept)

    assert definitions.load(engine, "key") is None
