"""The tag rule: what is accepted, and what is refused and how."""

import itertools

import pytest

from pipeline.errors import InvalidInput
from pipeline.registry.tags import check_tag, is_older, newest_first

HOSTILE = [
    "", " ", "1.2.3", "v1.2", "v1", "v1.2.3.4", "v01.2.3", "v1.02.3", "v1.2.3-", "v1.2.3-01", "v1.2.3-a..b", "V1.2.3",
    "v1.2.3+build", "v1.2.3 ", " v1.2.3", "v1.2.3\n", "v1.2.3\nPromoted-To: prod", "v1.2.3; touch pwned", "../x",
    "latest", "v1.2.3@sha256:0", "$(id)", "`id`", "--push", "-v1.2.3", "v1.2.3/../../x", "v\u0661.2.3", "v1.2.3-\u00e9",
    "v1.2.3\x00", "v1.2.3-" + "a" * 200, "v" + "1" * 300,
]  # fmt: skip


@pytest.mark.parametrize("tag", ["v0.0.0", "v1.2.3", "v10.20.30", "v1.2.3-rc.1", "v1.0.0-0a.x-y.9", "v1.0.0--"])
def test_a_semver_tag_is_taken_as_it_is(tag: str) -> None:
    assert check_tag(tag) == tag


@pytest.mark.parametrize("tag", HOSTILE)
def test_any_other_tag_is_refused_in_one_printable_line_with_the_next_step(tag: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_tag(tag)
    message = str(refused.value)
    assert message.isprintable()
    assert len(message) < 220
    assert "write v" in message or "shorten" in message


def test_the_newest_comes_first_by_semver_s_precedence() -> None:
    # the example of SemVer 2.0.0, item 11, and numbers that are no texts
    ascending = [
        "v0.9.0", "v1.0.0-1", "v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-alpha.beta", "v1.0.0-beta", "v1.0.0-beta.2",
        "v1.0.0-beta.11", "v1.0.0-rc.9", "v1.0.0-rc.10", "v1.0.0-rc.10.x", "v1.0.0", "v1.2.0", "v1.10.0",
    ]  # fmt: skip
    assert newest_first([*ascending[::2], "latest", *ascending[1::2]]) == ascending[::-1]
    assert all(is_older(one, other) for one, other in itertools.pairwise(ascending))
    assert not any(is_older(other, one) for one, other in itertools.pairwise(ascending))


def test_what_is_no_version_is_neither_older_nor_newer() -> None:
    assert not any(is_older(one, other) for one, other in [("v1.0.0", "latest"), ("latest", "v1.0.0"), ("v1.0.0", "")])
