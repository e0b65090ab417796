"""What an overlay pins and renders."""

import pytest

from pipeline._overlay import InvalidOverlay, Pin, check_rendered, pinned

DIGEST = "sha256:" + "a" * 64
PATH = "manifests/api/overlays/stg/kustomization.yaml"


def overlay(entry: str) -> str:
    return f"kind: Kustomization\nnamespace: api-stg\nimages:\n{entry}"


def test_a_pin_is_the_entry_of_the_service() -> None:
    text = overlay(f"- digest: {DIGEST}\n  name: api\n  newName: r/stg-shop-api\n  newTag: v1.2.3\n- name: web\n")
    assert pinned("api", text, PATH) == Pin("r/stg-shop-api", "v1.2.3", DIGEST)
    assert Pin("r/a", "v1.2.3", DIGEST).reference == f"r/a:v1.2.3@{DIGEST}"


def test_an_entry_may_pin_a_tag_alone_or_nothing_yet() -> None:
    assert pinned("api", overlay("- name: api\n  newName: r/a\n  newTag: v1.0.0\n"), PATH) == Pin("r/a", "v1.0.0")
    assert pinned("api", overlay("- name: api\n"), PATH) is None
    assert pinned("api", overlay("- name: api\n  newTag: v1.0.0\n"), PATH) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "images:\n", "images: 1", "kind: x", "a: [", overlay("- name: web\n"), overlay("- api\n"),
             overlay("- name: api\n- name: api\n"), "[" * 3000],
)  # fmt: skip
def test_an_overlay_without_one_entry_for_the_service_is_refused_with_its_path(text: str) -> None:
    with pytest.raises(InvalidOverlay, match=f"^{PATH} must have one entry under images: with name: api"):
        pinned("api", text, PATH)


@pytest.mark.parametrize("form", ["image: {}", '- image: "{}"', "  image: '{}'  ", "- name: x\n  image: {}\n  a: b"])
def test_a_rendered_overlay_must_hold_exactly_the_reference(form: str) -> None:
    pin = Pin("r:5000/stg-shop-api", "v1.2.3", DIGEST)
    check_rendered(pin, form.format(pin.reference) + "\nimage: busybox:1\nimage: r:5000/stg-shop-api-v2:x", PATH)


@pytest.mark.parametrize(
    "rendered",
    ["", "image: api", "image: r/stg-shop-api:v1.2.3", f"image: r/stg-shop-api:v1.2.2@{DIGEST}",
     f"image: r/stg-shop-api:v1.2.3@{DIGEST}\nimage: r/stg-shop-api:old", f"note: r/stg-shop-api:v1.2.3@{DIGEST}",
     f"image: r/stg-shop-api:v1.2.3@{DIGEST}\nimage: r/stg-shop-api"],
)  # fmt: skip
def test_a_rendered_overlay_that_holds_something_else_is_refused(rendered: str) -> None:
    with pytest.raises(InvalidOverlay, match="instead of r/stg-shop-api:v1.2.3@sha256"):
        check_rendered(Pin("r/stg-shop-api", "v1.2.3", DIGEST), rendered, PATH)
