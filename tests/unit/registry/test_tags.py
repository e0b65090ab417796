"""The tag rule: what is accepted, and what is refused and how."""

import pytest

from pipeline.errors import InvalidInput
from pipeline.registry.tags import check_tag

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
