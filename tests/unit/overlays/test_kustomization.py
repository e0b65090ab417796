"""What an overlay pins and renders."""

import pytest
import yaml

from pipeline.overlays import InvalidOverlay, Pin, file_of, pinned

DIGEST = "sha256:" + "a" * 64
PATH = "manifests/api/overlays/stg/kustomization.yaml"


def overlay(entry: str) -> str:
    return f"kind: Kustomization\nnamespace: api-stg\nimages:\n{entry}"


def test_a_pin_is_the_entry_of_the_service() -> None:
    text = overlay(f"- digest: {DIGEST}\n  name: api\n  newName: r/stg-shop-api\n  newTag: v1.2.3\n- name: web\n")
    assert pinned("api", text, PATH) == Pin("r/stg-shop-api", "v1.2.3", DIGEST)
    assert Pin("r/a", "v1.2.3", DIGEST).reference == f"r/a:v1.2.3@{DIGEST}"
    assert Pin("r/a", "", DIGEST).reference == f"r/a@{DIGEST}"


def test_an_entry_may_pin_a_tag_or_a_digest_alone_or_nothing_yet() -> None:
    assert pinned("api", overlay(f"- name: api\n  newName: r/a\n  digest: {DIGEST}\n"), PATH) == Pin("r/a", "", DIGEST)
    assert pinned("api", overlay("- name: api\n  newName: r/a\n  newTag: v1.0.0\n"), PATH) == Pin("r/a", "v1.0.0")
    assert pinned("api", overlay("- name: api\n"), PATH) is None
    assert pinned("api", overlay("- name: api\n  newTag: v1.0.0\n"), PATH) is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "is missing: add it"),
        ("", "is no mapping in YAML"),
        ("[]", "is no mapping in YAML"),
        ("a: [", "is no mapping in YAML"),
        ("a: 2024-99-99", "is no mapping in YAML"),
        ("[" * 3000, "is no mapping in YAML"),
        ("kind: x", "must have one entry under images: with name: api, not none: add it"),
        ("images:\n", "must have one entry under images: with name: api, not none: add it"),
        ("images: 1", "must have one entry under images: with name: api, not none: add it"),
        (overlay("- name: web\n"), "must have one entry under images: with name: api, not none: add it"),
        (overlay("- name: api\n- name: api\n"), "must have one entry under images: with name: api, not 2: keep one"),
        (overlay("- api\n"), "has an entry under images: without name: add it"),
        (overlay("- name: api\n- newTag: v1\n"), "has an entry under images: without name: add it"),
    ],
)
def test_an_overlay_without_one_entry_for_the_service_is_refused_with_its_path(
    text: str | None, complaint: str
) -> None:
    with pytest.raises(InvalidOverlay, match=f"^{PATH} {complaint}"):
        pinned("api", text, PATH)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("newTag", value) for value in (
            "v9 x\n\nForced: evil", "v9 x", "v9\n", "v1|2", "-v1", ".v1", "v1@sha256:0", "a/b", "v\u0661", "v" * 129,
            "v1\x00", {"a": "b"}, ["v1"],
        )),
        *(("digest", value) for value in (
            DIGEST[:-1], DIGEST + "a", DIGEST + "\n", DIGEST.upper(), "sha512:" + "a" * 64, "v1.2.3", "\nForced: evil",
        )),
        *(("newName", value) for value in (
            "r/a b", "r/a\n", "r/a\n\nForced: evil", "r/a:v1", f"r/a@{DIGEST}", "https://r/a", "u:p@r/a", "--insecure",
        )),
    ],
)  # fmt: skip
def test_what_is_no_repository_tag_or_digest_is_refused_in_one_line(key: str, value: object) -> None:
    entry = {"name": "api", "newName": "r/a", "newTag": "v1.0.0", "digest": DIGEST, key: value}
    with pytest.raises(InvalidOverlay, match=f"^{PATH} has {key}: ") as refused:
        pinned("api", yaml.safe_dump({"images": [entry]}), PATH)
    assert str(refused.value).isprintable()
    assert str(refused.value).endswith(": correct it")


def test_an_overlay_s_file_has_one_of_the_names_that_kustomize_knows() -> None:
    folder = "manifests/api/overlays/stg"
    for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"):
        assert (
            file_of([f"{folder}/{name}", "manifests/api/overlays/prod/kustomization.yaml"], folder)
            == f"{folder}/{name}"
        )
    assert file_of([], folder) == PATH
    with pytest.raises(InvalidOverlay, match=f"^{folder} has kustomization.yaml and Kustomization: keep one"):
        file_of([f"{folder}/Kustomization", PATH], folder)
