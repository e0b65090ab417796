"""Which rendered images an overlay may hold."""

import pytest

from pipeline.overlays import InvalidOverlay, Pin, check_rendered

DIGEST = "sha256:" + "a" * 64
PATH = "manifests/api/overlays/stg/kustomization.yaml"


@pytest.mark.parametrize("form", ["image: {}", '- image: "{}"', "  image: '{}'  ", "- name: x\n  image: {}\n  a: b"])
def test_a_rendered_overlay_must_hold_exactly_the_reference(form: str) -> None:
    pin = Pin("r:5000/stg-shop-api", "v1.2.3", DIGEST)
    check_rendered("api", pin, form.format(pin.reference) + "\nimage: busybox:1\nimage: r:5000/stg-shop-api-v2:x", PATH)


@pytest.mark.parametrize(
    "rendered",
    ["", "image: other", "image: r/stg-shop-api:v1.2.3", f"image: r/stg-shop-api:v1.2.2@{DIGEST}",
     f"image: r/stg-shop-api:v1.2.3@{DIGEST}\nimage: r/stg-shop-api:old", f"note: r/stg-shop-api:v1.2.3@{DIGEST}",
     f"image: r/stg-shop-api:v1.2.3@{DIGEST}\nimage: r/stg-shop-api"],
)  # fmt: skip
def test_a_rendered_overlay_that_holds_something_else_is_refused(rendered: str) -> None:
    with pytest.raises(InvalidOverlay, match="instead of r/stg-shop-api:v1.2.3@sha256"):
        check_rendered("api", Pin("r/stg-shop-api", "v1.2.3", DIGEST), rendered, PATH)


WORKFLOW = """\
kind: Deployment
metadata: {name: api}
spec:
  containers:
  - image: %s
---
kind: Workflow
metadata: {name: migrate}
spec:
  templates:
  - steps: []
  - container:
      image: "%s"
    data: !odd =
"""


@pytest.mark.parametrize("image", ["api", "api:latest", f"api@{DIGEST}"])
def test_an_image_that_kustomize_does_not_know_is_named_with_the_cure(image: str) -> None:
    pin = Pin("r/stg-shop-api", "v1.2.3", DIGEST)
    cure = "configurations: that says images: [{kind: Workflow, path: spec/templates/container/image}]"
    with pytest.raises(InvalidOverlay) as refused:
        check_rendered("api", pin, WORKFLOW % (pin.reference, image), PATH)
    assert f"{PATH} renders Workflow migrate with image: {image} at spec/templates/container/image" in str(
        refused.value
    )
    assert cure in str(refused.value)
    check_rendered("api", pin, WORKFLOW % (pin.reference, "apis:1"), PATH)


def test_a_text_that_mentions_an_image_is_no_image() -> None:
    pin = Pin("r/stg-shop-api", "v1.2.3", DIGEST)
    text = f"image: {pin.reference}\nkind: ConfigMap\ndata:\n  values.yaml: |\n    image: api\n"
    check_rendered("api", pin, text, PATH)
