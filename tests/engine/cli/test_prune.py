"""Freeing the storage."""

import os
from pathlib import Path

import pytest

from dagger_local.cli.engine import in_use
from dagger_local.cli.prune import du, human, prune, prune_some, size
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


def test_a_part_of_it_goes_beside_a_session(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = state / "snapshots" / "1" / "layer"
    place.mkdir(parents=True)
    os.utime(place, (0, 0))
    with in_use(state):
        assert prune_some(state, keep="", older_than="7d") == 0
    assert not place.exists()
    assert (state / "snapshots" / "layer").exists()
    assert capsys.readouterr().out.startswith("Freed ")


@pytest.mark.parametrize(("keep", "older_than"), [("much", ""), ("", "long"), ("", "7"), ("", "d")])
def test_what_is_no_size_or_time_is_named(state: Path, keep: str, older_than: str) -> None:
    with pytest.raises(EngineError, match=r"is no (size|time); write it like"):
        prune_some(state, keep=keep, older_than=older_than)


def test_what_is_stored_is_listed_by_kind(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (state / "snapshots" / "1" / "layer").mkdir(parents=True)
    assert du(state) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["KIND", "COUNT", "SIZE", "LAST", "USED"]
    assert lines[1].split()[:2] == ["snapshot", "1"]
    assert lines[-1].startswith("total")
