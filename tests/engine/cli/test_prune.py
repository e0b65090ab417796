"""Freeing the storage."""

from pathlib import Path

import pytest

from dagger_local.cli.engine import in_use
from dagger_local.cli.prune import human, prune, size
from dagger_local.errors import EngineError


@pytest.fixture
def state(tmp_path: Path) -> Path:
    state = tmp_path / "state"
    (state / "snapshots").mkdir(parents=True)
    (state / "snapshots" / "layer").write_bytes(b"x" * 100_000)
    (state / "snapshots" / "again").hardlink_to(state / "snapshots" / "layer")
    (state / "snapshots" / "gone").symlink_to("nowhere")
    return state


def test_all_of_it_goes_and_is_told(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prune(state) == 0
    assert not (state / "snapshots").exists()
    assert capsys.readouterr().out.startswith("Freed 1")


def test_what_is_not_the_engines_stays(state: Path) -> None:
    (state / "letters").mkdir()
    (state / "letters" / "dear").write_text("all")
    prune(state)
    assert (state / "letters" / "dear").read_text() == "all"


def test_none_of_it_goes_while_a_session_uses_it(state: Path) -> None:
    with in_use(state), in_use(state), pytest.raises(EngineError, match=r"^a session is using .*; end it and"):
        prune(state)
    assert (state / "snapshots" / "layer").exists()


def test_nothing_stored_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prune(tmp_path / "none") == 0
    assert capsys.readouterr().out == "Nothing to free.\n"


def test_a_hard_link_counts_once(state: Path) -> None:
    assert 100_000 <= size(state) < 200_000


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (1500, "1.5 kB"), (2_500_000_000, "2.5 GB"), (10**13, "10.0 TB")]
)
def test_sizes_read_well(count: int, said: str) -> None:
    assert human(count) == said
