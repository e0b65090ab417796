"""Editing an overlay in place: its entry's lines change, and no other character, whatever the layout."""

import difflib
from typing import Any

import pytest
import yaml
from support.layouts import ENTRY, LAYOUTS, PATH, PLAIN

from pipeline.overlays import InvalidOverlay
from pipeline.overlays.in_place import written
from pipeline.overlays.nodes import LOADER


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_entry_s_values_change_and_no_other_character(layout: str) -> None:
    before, replacements = LAYOUTS[layout]
    wanted = before
    for old, new in replacements.items():
        assert wanted.count(old) == 1, old
        wanted = wanted.replace(old, new)
    after = written(before, ENTRY, PATH)
    assert after == wanted
    document = _loaded(before)
    images = [ENTRY if entry["name"] == "api" else entry for entry in document["images"]]
    assert _loaded(after) == document | {"images": images}
    assert written(after, ENTRY, PATH) == after  # there is nothing more to do
    assert max(_changed(before, after)) <= 3


def _loaded(text: str) -> Any:
    return yaml.load(text, LOADER)  # noqa: S506


def _changed(before: str, after: str) -> tuple[int, int]:
    """Return how many lines are taken away and added, as a diff has it."""
    diff = list(difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True)))
    return sum(line.startswith("- ") for line in diff), sum(line.startswith("+ ") for line in diff)


def test_there_are_layouts_enough() -> None:
    assert len(LAYOUTS) >= 25


@pytest.mark.parametrize(
    "text",
    [
        # other entries take over what this one says
        "images:\n- &api\n  name: api\n  newTag: v1.0.0\n- <<: *api\n  name: jobs\n",
        # a pair in brackets has no braces to add something to
        "images: [name: api]\n",
        # the list is somebody else's
        "x: &images\n- name: api\n  newTag: v1.0.0\nimages: *images\n",
        "<<: {images: [{name: api, newTag: v1.0.0}]}\nkind: Kustomization\n",
    ],
)
def test_what_cannot_be_edited_alone_is_refused_with_the_layout_that_can(text: str) -> None:
    with pytest.raises(InvalidOverlay, match=f"^{PATH} has an entry for api that cannot be edited .* line of its own$"):
        written(text, ENTRY, PATH)


def test_an_entry_that_is_an_alias_is_written_out() -> None:
    after = written("x: &api {name: api, newTag: v1.0.0}\nimages:\n- *api # this\n", ENTRY, PATH)
    assert after.startswith("x: &api {name: api, newTag: v1.0.0}\nimages:\n- {")
    assert after.endswith("} # this\n")
    assert _loaded(after)["images"] == [ENTRY]


def test_values_that_yaml_takes_for_something_else_are_quoted() -> None:
    for tag in ("1.0", "1e3", "0x1F", "1_000", "on", "2026-01-02", "null", "~", ".5", "y", "1:30"):
        after = written(PLAIN, {**ENTRY, "newTag": tag}, PATH)
        assert f'newTag: "{tag}"\n' in after


def test_aliases_that_come_to_millions_of_values_are_refused_at_once() -> None:
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 20)]
    text = f"a0: &a0 [x]\n{''.join(lines)}{PLAIN}"
    with pytest.raises(InvalidOverlay, match=f"^{PATH} has aliases of aliases .*: write them out$"):
        written(text, ENTRY, PATH)


def test_of_two_lists_the_one_that_counts_is_edited() -> None:
    text = "images:\n- name: web\nimages:\n- name: web\n- name: api\n  newTag: v1.0.0\n"
    assert _loaded(written(text, ENTRY, PATH))["images"] == [{"name": "web"}, ENTRY]
