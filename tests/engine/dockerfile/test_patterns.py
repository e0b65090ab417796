import pytest

from dagger_local.dockerfile.globs import compile_glob, has_wildcard
from dagger_local.dockerfile.ignore import Chosen, Ignored, read_patterns


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("abc", "abc", True),
        ("*", "abc", True),
        ("*c", "abc", True),
        ("a*", "a", True),
        ("a*", "ab/c", False),
        ("a*b?c*x", "abxbbxdbxebxczzx", True),
        ("a*b?c*x", "abxbbxdbxebxczzy", False),
        ("ab[c]", "abc", True),
        ("ab[b-d]", "abc", True),
        ("ab[e-g]", "abc", False),
        ("ab[^c]", "abc", False),
        ("ab[^e-g]", "abc", True),
        ("a\\*b", "a*b", True),
        ("a\\*b", "ab", False),
        ("a?b", "a☺b", True),
        ("a[^a]b", "a☺b", True),
        ("a???b", "a☺b", False),
        ("a?b", "a/b", False),
        ("[\\]a]", "]", True),
        ("[\\-]", "-", True),
        ("[x\\-]", "-", True),
        ("[x\\-]", "z", False),
        ("*x", "xxx", True),
        ("a[!x]b", "a!b", True),
        ("a.c", "abc", False),
    ],
)
def test_names_match_as_in_go(pattern: str, name: str, matches: bool) -> None:
    assert bool(compile_glob(pattern).fullmatch(name)) is matches


@pytest.mark.parametrize("pattern", ["[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "a\\"])
def test_patterns_that_go_refuses_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"bracket|backslash"):
        compile_glob(pattern)


@pytest.mark.parametrize(
    ("text", "wild"), [("a", False), ("a*", True), ("a\\*", False), ("a[b", True), ("\\\\?", True)]
)
def test_wildcards_are_told_from_names(text: str, wild: bool) -> None:
    assert has_wildcard(text) is wild


def test_an_ignore_file_is_read_as_moby_reads_it() -> None:
    text = "\ufeff# a comment\n\n  a.log  \n/rooted\n./dotted/\n! kept \nx/../y\n # no comment\r\n!\n"
    assert read_patterns(text) == ["a.log", "rooted", "dotted", "!kept", "y", "# no comment", "!"]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["a"], {"b", "d/a", "d/e/a"}),
        (["**/a"], {"b"}),
        (["d"], {"a", "b"}),
        (["*", "!d/e"], {"d/e/a"}),
        (["d/**", "!d/a"], {"a", "b", "d/a"}),
        (["*/a"], {"a", "b", "d/e/a"}),
        (["?"], set()),
        ([], {"a", "b", "d/a", "d/e/a"}),
    ],
)
def test_what_is_ignored_is_left_out(patterns: list[str], left: set[str]) -> None:
    takes = Ignored(patterns)
    assert {path for path in ("a", "b", "d/a", "d/e/a") if takes.takes(path, is_dir=False)} == left
    assert all(takes.enters(path.rpartition("/")[0]) for path in left if "/" in path)


def test_what_is_chosen_is_taken_with_all_below_it() -> None:
    takes = Chosen(["d/*/f"])
    assert [path for path in ("f", "d/f", "d/e/f", "d/e/f/g") if takes.takes(path, is_dir=False)] == [
        "d/e/f",
        "d/e/f/g",
    ]
    assert takes.enters("d/e")
    assert not takes.enters("x")
