"""What a command leaves on disk: what it changed, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Start, drafts

pytestmark = pytest.mark.engine


def kept(state: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in (state / "snapshots").glob("*/*/meta.json")]


def test_a_command_that_changes_nothing_leaves_no_layer(start: Start) -> None:
    started = start()

    started.run("true")

    (meta,) = kept(started.state)
    assert meta["changed"] == []


def test_a_layer_holds_what_was_changed_and_the_folders_on_the_way(start: Start) -> None:
    started = start()

    started.run("sh", "-c", "mkdir -p /srv/deep; touch /srv/deep/file; chmod 700 /home; rm /etc/profile")

    (layer,) = (started.state / "snapshots").glob("*/*/fs")
    names = sorted(str(path.relative_to(layer)) for path in layer.rglob("*"))
    assert names == ["etc", "etc/profile", "home", "srv", "srv/deep", "srv/deep/file"]
    assert (layer / "etc/profile").is_char_device()


def test_a_failed_command_leaves_nothing(start: Start) -> None:
    started = start()

    with pytest.raises(LookupError):
        started.run("sh", "-c", "touch /half; exit 1")

    assert kept(started.state) == []
    assert [list(session.glob("*/fs")) for session in drafts(started.state)] == [[]]
