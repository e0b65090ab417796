"""What is said of referrers: framed so that no manifest can pretend to be another's."""

import base64

from pipeline.referrers import Tree, told
from pipeline.referrers.listing import answers


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_texts_are_told_apart_by_what_they_are() -> None:
    lines = [f"r/a:v1 tree {encoded('{}')}", f"r/a:v1 sha256:1 {encoded('r/b:v1 tree evil')}", "r/a:v1 sha256:2 "]
    assert answers(lines) == {"r/a:v1": {"tree": "{}", "sha256:1": "r/b:v1 tree evil", "sha256:2": ""}}


def test_what_is_no_text_is_none() -> None:
    noise = base64.b64encode(b"\xff\xfe").decode()
    assert answers([f"r/a:v1 sha256:1 {noise}", "r/a:v1 tree !!!"]) == {"r/a:v1": {"sha256:1": "", "tree": ""}}


def test_a_tree_of_another_image_than_the_digest_s_is_not_taken() -> None:
    trees = {"r/a:v1": Tree("sha256:1"), "r/b:v1": Tree("sha256:2"), "r/c:v1": Tree("", problem="down")}
    found = told(trees, {"r/a:v1": "sha256:1", "r/b:v1": "sha256:3", "r/c:v1": "sha256:4"})
    assert [one.problem for one in found.values()] == ["", "r/b:v1 became sha256:2 meanwhile: run again", "down"]
