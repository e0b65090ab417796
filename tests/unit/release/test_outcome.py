"""What a release's report says: made, made before, to be made, or nothing to make."""

import json
from dataclasses import replace

import pytest

from pipeline.release import Outcome
from pipeline.surface import Format

MADE = Outcome(
    tag="v1.3.0",
    version="1.3.0",
    previous="v1.2.0",
    notes="## 1.3.0\n\n* say hello\n",
    commit="4e7e888ecfd5a9798bf73f738e6dff2e845c0cc8",
    dry_run=False,
    released=True,
    url="https://github.com/acme/shop/releases/tag/v1.3.0",
)
NOTHING = replace(MADE, tag=None, version=None, notes="", released=False, url=None)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (MADE, "v1.3.0 is released: 4e7e888ecfd5 (main)"),
        (replace(MADE, released=False, already_there=True), "v1.3.0 was released before: 4e7e888ecfd5 (main)"),
        (replace(MADE, released=False, dry_run=True), "v1.3.0 would be released: 4e7e888ecfd5 (main)"),
        (NOTHING, "nothing to release at 4e7e888ecfd5 (main): no feat, fix or breaking change since v1.2.0"),
        (
            replace(NOTHING, previous=None),
            "nothing to release at 4e7e888ecfd5 (main): no feat, fix or breaking change yet",
        ),
    ],
)
def test_the_first_line_says_what_became_of_it(outcome: Outcome, expected: str) -> None:
    assert outcome.report("main", Format.TEXT).splitlines()[0] == expected


def test_for_people_the_page_and_the_notes_follow() -> None:
    text = MADE.report("main", Format.MARKDOWN)
    assert text == f"**v1.3.0** is released: 4e7e888ecfd5 (main)\n\n{MADE.url}\n\n## 1.3.0\n\n* say hello"


def test_for_machines_no_tag_means_nothing_to_release() -> None:
    report = json.loads(NOTHING.report("main", Format.JSON))
    assert set(report) == {
        "tag", "version", "previous", "notes", "commit", "dry_run", "released", "already_there", "url",
    }  # fmt: skip
    assert (report["tag"], report["released"], report["previous"]) == (None, False, "v1.2.0")
