"""What is said of a pull request, and how its text is kept within what GitHub takes."""

import pytest

from pipeline.forge.pull_request import LONGEST_BODY, PullRequest, shortened

HEAD = "## promote v1.2.3: dev to stg\n\n| a |\n"


def test_a_text_within_the_limit_is_left_as_it_is() -> None:
    assert shortened(HEAD) == HEAD
    assert shortened("x" * LONGEST_BODY) == "x" * LONGEST_BODY


@pytest.mark.parametrize("fence", ["```", "`````"])
def test_a_text_beyond_the_limit_is_cut_at_a_line_its_block_is_closed_and_that_is_said(fence: str) -> None:
    lines = [f"+ line {number} {'é' * 40}" for number in range(3000)]
    text = shortened("\n".join([HEAD, f"{fence}diff", *lines, fence, "", "The end."]))
    assert 0.9 * LONGEST_BODY < len(text) <= LONGEST_BODY
    assert text.startswith(HEAD)
    kept = [line for line in text.splitlines() if line.startswith("+ ")]
    assert kept == lines[: len(kept)]
    *_, closing, empty, last = text.splitlines()
    assert (closing, empty) == (fence, "")
    assert last == f"… cut here, {3000 - len(kept) + 3} lines more: the commit has all of it"


def test_a_line_that_is_too_long_alone_is_left_out() -> None:
    assert shortened(f"{HEAD}\n{'x' * LONGEST_BODY}").startswith(HEAD)
    assert len(shortened("x" * (LONGEST_BODY + 1))) < 100


def test_what_a_report_says_of_it() -> None:
    page = "https://github.com/acme/shop/pull/7"
    opened = PullRequest("promote/stg", page, "open", 7)
    assert str(opened) == f"pull request #7 is open: {page}"
    assert opened.as_dict() == {"number": 7, "url": page, "state": "open", "branch": "promote/stg"}
    assert "promote/stg is pushed" in str(PullRequest("promote/stg", "https://git.example.com/a/b", "pushed"))
