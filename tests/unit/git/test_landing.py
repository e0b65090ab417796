"""When commits came to a branch, and the release tags, of real repositories."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.git.landing import landed
from pipeline.git.release_tags import _FORMAT, _TAGS, times


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    return tmp_path


def git(where: Path, *args: str, hour: int = 0) -> str:
    date = f"2026-01-02T{hour:02}:00:00Z"
    who = {"NAME": "Robot", "EMAIL": "robot@example.com", "DATE": date}
    names = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in who.items()}
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **names}
    return subprocess.run(
        ["git", "-C", str(where), *args], env=env, capture_output=True, text=True, check=True
    ).stdout.strip()


def commit(where: Path, hour: int) -> str:
    git(where, "commit", "--quiet", "--allow-empty", "--message=x", hour=hour)
    return git(where, "rev-parse", "HEAD")


def log(where: Path) -> str:
    return git(where, "log", "--format=%H %ct %P")


def hours(where: Path, *commits: str) -> list[tuple[int, int]]:
    found = landed(log(where), commits).of
    return [(found[one].time.hour, found[one].place) for one in commits]


def test_a_commit_comes_by_itself_whatever_its_clock_says(repository: Path) -> None:
    first, behind, last = commit(repository, 5), commit(repository, 1), commit(repository, 6)
    assert hours(repository, last, first, behind) == [(6, 2), (5, 0), (1, 1)]
    assert landed(log(repository), [first]).head == last


def test_what_a_merge_brings_comes_with_it_and_after_what_was_there(repository: Path) -> None:
    start = commit(repository, 1)
    git(repository, "checkout", "--quiet", "-b", "proposed")
    proposed, more = commit(repository, 2), commit(repository, 3)
    git(repository, "checkout", "--quiet", "main")
    meanwhile = commit(repository, 4)
    git(repository, "merge", "--quiet", "--no-ff", "--message=m", "proposed", hour=7)
    after = commit(repository, 8)
    assert hours(repository, start, meanwhile, proposed, more, after) == [(1, 0), (4, 1), (7, 2), (7, 2), (8, 3)]


def test_what_is_not_on_the_branch_or_cut_off_is_left_out(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first, last = commit(repository, 1), commit(repository, 2)
    shallow = tmp_path_factory.mktemp("shallow")
    git(shallow, "clone", "--quiet", "--depth=1", repository.as_uri(), ".")
    assert set(landed(log(shallow), [first, last, "f" * 40]).of) == {last}
    assert landed("", [first]).of == {}


def test_release_tags_of_both_kinds_tell_when_their_commit_was_made(repository: Path) -> None:
    commit(repository, 1)
    git(repository, "tag", "v1.0.0")
    git(repository, "tag", "vanilla")
    commit(repository, 2)
    git(repository, "tag", "--annotate", "--message=later", "v1.1.0-rc.1", hour=9)
    refs = git(repository, "for-each-ref", _FORMAT, _TAGS)
    assert times(refs.encode()) == {
        "v1.0.0": datetime(2026, 1, 2, 1, tzinfo=UTC),
        "v1.1.0-rc.1": datetime(2026, 1, 2, 2, tzinfo=UTC),
    }


def test_a_time_that_is_none_any_more_is_the_last_one() -> None:
    assert times(b"v1.0.0\x0099999999999999\x00\n")["v1.0.0"].year == 9999
