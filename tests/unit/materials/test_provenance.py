"""What a provenance statement says of an image's making."""

import base64
import json
from typing import Any

import pytest

from pipeline.materials.difference import PackageChange, changes
from pipeline.materials.packages import Unreadable
from pipeline.materials.provenance import Origin, origin

GO, NODE = "a" * 64, "b" * 64


def statement(*dependencies: Any, kind: str = "https://slsa.dev/provenance/v1") -> str:
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": kind,
            "predicate": {
                "buildDefinition": {"resolvedDependencies": list(dependencies)},
                "runDetails": {"builder": {"id": "https://github.com/acme/myapp/actions/runs/7"}},
            },
        }
    )


SOURCE = {"uri": "git+https://github.com/acme/myapp@refs/tags/v1.0.0", "digest": {"gitCommit": "c" * 40}}


def test_source_base_images_and_builder_are_told() -> None:
    found = origin(
        statement(SOURCE, {"uri": "pkg:docker/golang@1.25?platform=linux%2Famd64", "digest": {"sha256": GO}})
    )
    assert found is not None
    assert (found.builder, found.commit) == ("https://github.com/acme/myapp/actions/runs/7", "c" * 40)
    assert found.repository == "https://github.com/acme/myapp"
    assert [(one.name, one.version) for one in found.base_images] == [("golang", f"1.25@sha256:{GO}")]


@pytest.mark.parametrize(
    ("uri", "name", "version"),
    [
        ("docker.io/library/golang:1.25", "docker.io/library/golang", f"1.25@sha256:{GO}"),
        ("docker://localhost:5000/go", "localhost:5000/go", f"sha256:{GO}"),
        (f"oci://r.example.com/go:1@sha256:{GO}", "r.example.com/go", f"1@sha256:{GO}"),
        (f"pkg:oci/go@sha256:{GO}", "go", f"sha256:{GO}"),
    ],
)
def test_a_base_image_is_told_however_its_address_is_written(uri: str, name: str, version: str) -> None:
    found = origin(statement({"uri": uri, "digest": {"sha256": GO}}))
    assert found is not None
    assert [(one.name, one.version) for one in found.base_images] == [(name, version)]


def test_what_a_statement_does_not_say_of_source_and_base_images_is_left_out() -> None:
    found = origin(statement({"uri": "git+ssh://git@git.example.com/a/b@refs/tags/v1"}, {"uri": "pkg:docker/golang@1"}))
    assert found is not None
    assert (found.repository, found.commit) == ("ssh://git@git.example.com/a/b", "")
    assert [(one.name, one.version) for one in found.base_images] == [("golang", "1")]


def test_what_is_no_image_is_no_base_image() -> None:
    others = [{"uri": "https://example.com/x.tar.gz", "digest": {"sha256": GO}}, {"uri": "golang:1.25"}, 7,
              {"uri": "pkg:npm/left-pad@1.3.0", "digest": {"sha256": GO}}]  # fmt: skip
    assert origin(statement(SOURCE, *others)) == Origin(
        "https://github.com/acme/myapp/actions/runs/7", "https://github.com/acme/myapp", "c" * 40
    )


def test_a_change_of_a_base_image_is_named_with_its_tag_and_digest() -> None:
    before, after = (
        origin(statement({"uri": f"docker.io/library/golang:{tag}", "digest": {"sha256": digest}}))
        for tag, digest in (("1.25", GO), ("1.26", NODE))
    )
    assert before is not None
    assert after is not None
    assert changes(before.base_images, after.base_images) == [
        PackageChange("docker.io/library/golang", "", f"1.25@sha256:{GO}", f"1.26@sha256:{NODE}")
    ]


def test_an_envelope_is_opened_and_another_statement_is_none() -> None:
    payload = base64.b64encode(statement(SOURCE).encode()).decode()
    assert origin(json.dumps({"payloadType": "application/vnd.in-toto+json", "payload": payload})) == origin(
        statement(SOURCE)
    )
    assert origin(statement(SOURCE, kind="https://example.com/other")) is None


@pytest.mark.parametrize("text", ["", "[]", '{"payload": "%"}', '{"payload": "/w=="}', '{"payload": "W10="}'])
def test_what_is_no_statement_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable):
        origin(text)


def test_odd_parts_do_no_harm() -> None:
    odd: list[Any] = [None, 1, "x", [1], {"buildDefinition": 1}, {"buildDefinition": {"resolvedDependencies": {}}}]
    for value in odd:
        assert origin(json.dumps({"predicateType": "https://slsa.dev/provenance/v1", "predicate": value})) == Origin()
