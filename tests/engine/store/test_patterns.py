"""Include and exclude patterns follow Docker's rules; ignore files follow git's."""

import pytest

from dagger_local.store.patterns import Filter


@pytest.mark.parametrize(
    ("patterns", "path", "excluded"),
    [
        (["a"], "a", True),
        (["a"], "a/b", True),
        (["a"], "b/a", False),
        (["a/"], "a/b", True),
        (["/a"], "a", True),
        (["./a"], "a/b", True),
        (["*"], "a/b", True),
        (["*.go"], "x.go", True),
        (["*.go"], "sub/x.go", False),
        (["**/*.go"], "x.go", True),
        (["**/*.go"], "a/b/x.go", True),
        (["a/**"], "a/b/c", True),
        (["a/*/c"], "a/b/c", True),
        (["a/*/c"], "a/b/d/c", False),
        (["a?c"], "abc", True),
        (["[ab]c"], "ac", True),
        (["*", "!a"], "a", False),
        (["*", "!a"], "a/b", False),
        (["*", "!a", "a/b"], "a/b", True),
        (["*", "!a", "a/b"], "a/c", False),
        (["!a", "*"], "a", True),
        (["a", "!a/b"], "a/b", False),
        (["a", "!a/b"], "a/c", True),
        ([".*"], ".git/config", True),
        (["**/node_modules"], "x/node_modules/y", True),
        (["#comment"], "#comment", True),
        (["a b"], "a b", True),
    ],
)
def test_a_path_is_excluded(patterns: list[str], path: str, excluded: bool) -> None:
    assert Filter(exclude=patterns).takes(path, is_dir=False) is not excluded


@pytest.mark.parametrize(
    ("exclude", "folder", "entered"),
    [
        (["a"], "a", False),
        (["*", "!a/b/c"], "a", True),
        (["*", "!a/b/c"], "a/b", True),
        (["*", "!a/b/c"], "a/x", False),
        (["*", "!a/b/c"], "x", False),
        (["**", "!**/*.go"], "x", True),
        (["node_modules"], "node_modules/deep", False),
    ],
)
def test_a_folder_is_entered_only_if_something_in_it_can_be_taken(
    exclude: list[str], folder: str, entered: bool
) -> None:
    assert Filter(exclude=exclude).enters(folder) is entered


def test_a_folder_outside_of_what_is_included_is_not_entered() -> None:
    takes = Filter(include=["src/app", "docs/*.md"])

    assert [folder for folder in ("src", "src/app", "src/other", "docs", "other") if takes.enters(folder)] == [
        "src",
        "src/app",
        "docs",
    ]


def test_an_ignored_folder_of_git_is_not_entered() -> None:
    takes = Filter(gitignore=["build/", "*.log", "!keep.log"])

    assert not takes.enters("deep/build")
    assert not takes.takes("deep/x.log", is_dir=False)
    assert takes.takes("deep/keep.log", is_dir=False)
    assert takes.takes("build", is_dir=False), "a file of that name is no folder"
