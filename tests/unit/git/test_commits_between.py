"""The commits between two revisions, and the pages that show them."""

import os
import subprocess
from pathlib import Path

import pytest

from pipeline.git.commits_between import _FIELDS, Commit, commits, comparison


def git(where: Path, *args: str) -> bytes:
    who = {"NAME": "Ann\x1b[31m", "EMAIL": "ann@example.com"}
    names = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in who.items()}
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **names}
    return subprocess.run(["git", "-C", str(where), *args], env=env, capture_output=True, check=True).stdout


def change(where: Path, path: str, subject: str) -> str:
    file = where / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(subject)
    git(where, "add", "--all")
    git(where, "commit", "--quiet", f"--message={subject}\n\nbody")
    return git(where, "rev-parse", "HEAD").decode().strip()


def between(where: Path, old: str, new: str, *paths: str) -> list[Commit]:
    line = ("log", "-z", "--left-right", f"--format={'%x00'.join(_FIELDS)}", f"{old}...{new}", "--", *paths)
    return commits(git(where, *line), "https://github.com/acme/shop")


def test_what_comes_and_what_is_taken_back_of_some_paths_is_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    start = change(tmp_path, "api/a", "Start")
    change(tmp_path, "web/a", "Another service")
    first = change(tmp_path, "api/a", "First `of` two")
    second = change(tmp_path, "api/deploy/b", "Second")
    git(tmp_path, "checkout", "--quiet", start)
    fix = change(tmp_path, "api/c", "A fix on a branch")
    found = between(tmp_path, start, second, ":(top,literal)api")
    assert [(commit.id, commit.subject, commit.undone) for commit in found] == [
        (second, "Second", False),
        (first, "First `of` two", False),
    ]
    assert found[0].author == "Ann [31m"
    assert found[0].url == f"https://github.com/acme/shop/commit/{second}"
    everything = between(tmp_path, start, second, ":(top,literal)", ":(exclude,top,literal)api/deploy")
    assert [commit.subject for commit in everything] == ["First `of` two", "Another service"]
    crossed = between(tmp_path, second, fix, ":(top,literal)api")
    assert {(commit.subject, commit.undone) for commit in crossed} == {
        ("Second", True),
        ("First `of` two", True),
        ("A fix on a branch", False),
    }
    assert commits(b"", "") == []


@pytest.mark.parametrize(
    ("repository", "page"),
    [
        ("https://github.com/acme/shop", "https://github.com/acme/shop/compare/a...b"),
        ("https://github.com/acme/shop.git", "https://github.com/acme/shop/compare/a...b"),
        ("git@github.com:acme/shop.git", "https://github.com/acme/shop/compare/a...b"),
        ("ssh://git@gitlab.com/acme/group/shop.git", "https://gitlab.com/acme/group/shop/-/compare/a...b"),
        ("ssh://git@gitlab.com:22/acme/shop", "https://gitlab.com/acme/shop/-/compare/a...b"),
        ("https://github.com.example.com/acme/shop", ""),
        ("https://git.example.com/github.com/acme/shop", ""),
    ],
)
def test_pages_are_of_forges_that_are_known(repository: str, page: str) -> None:
    assert comparison(repository, "a", "b") == page
