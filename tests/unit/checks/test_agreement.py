"""Which overlay disagrees with pipeline.yaml."""

import pytest

from pipeline.checks.agreement import disagreements
from pipeline.description import Description, Environment, Service

DESCRIPTION = Description(
    project="shop",
    registry="registry.example.com",
    repository="https://example.com/acme/shop",
    branch="main",
    manifests="deploy",
    environments=(Environment("dev"), Environment("stg", "dev")),
    services=(Service("api", "apps/api"),),
)
STG = "deploy/api/overlays/stg/kustomization.yaml"
FILES = {
    f"deploy/api/overlays/{name}/kustomization.yaml": f"""\
namespace: api-{name}
images:
- name: api
  newName: registry.example.com/{name}-shop-api
  newTag: v1.0.0
"""
    for name in ("dev", "stg")
}


def test_overlays_that_agree_are_not_spoken_of() -> None:
    assert disagreements(DESCRIPTION, FILES) == []


def test_a_missing_overlay_is_named() -> None:
    (line,) = disagreements(DESCRIPTION, {path: text for path, text in FILES.items() if path != STG})
    assert line.startswith(f"{STG} is missing: stg is among the environments")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("deploy/api/overlays/qa/kustomization.yaml", "is of no environment: add qa"),
        ("deploy/web/overlays/stg/kustomization.yaml", "is of no service: add web"),
    ],
)
def test_an_overlay_too_many_is_named(path: str, expected: str) -> None:
    (line,) = disagreements(DESCRIPTION, {**FILES, path: FILES[STG]})
    assert line.startswith(f"{path} {expected}")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("namespace: api-stg", "namespace: api-dev", "has namespace: api-dev: write api-stg"),
        ("namespace: api-stg\n", "", "has namespace: nothing: write api-stg"),
        ("stg-shop-api", "dev-shop-api", "has newName: registry.example.com/dev-shop-api for api: write registry."),
        ("  newName: registry.example.com/stg-shop-api\n", "", "for api: write registry.example.com/stg-shop-api"),
        ("name: api", "name: web", "must have one entry under images: with name: api"),
        ("- name: api", "- newTag: v1", "has an entry under images: without name"),
        ("images:", "images: [", "is no mapping in YAML: correct it"),
        ("newTag: v1.0.0", "newTag: v1 0", "has newTag: 'v1 0' for api, which is no tag"),
    ],
)
def test_what_an_overlay_says_wrong_is_named(old: str, new: str, expected: str) -> None:
    lines = disagreements(DESCRIPTION, {**FILES, STG: FILES[STG].replace(old, new)})
    assert all(line.startswith(STG) for line in lines)
    assert expected in lines[-1]
