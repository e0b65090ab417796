"""Which overlay disagrees with pipeline.yaml."""

from dataclasses import replace

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
    namespaces="{service}-{environment}",
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


def test_an_overlay_too_many_is_named() -> None:
    path = "deploy/api/overlays/qa/kustomization.yaml"
    (line,) = disagreements(DESCRIPTION, {**FILES, path: FILES[STG]})
    assert line.startswith(f"{path} is of no environment: add qa")


def test_a_folder_of_no_service_is_left_alone() -> None:
    assert disagreements(DESCRIPTION, {**FILES, "deploy/web/overlays/stg/kustomization.yaml": "namespace: x"}) == []


def test_namespaces_are_the_team_s_own_without_a_pattern_and_held_to_one_that_is_given() -> None:
    free = replace(DESCRIPTION, namespaces="")
    shared = {path: text.replace("namespace: api-", "namespace: shop-") for path, text in FILES.items()}
    assert disagreements(free, shared) == []
    assert disagreements(replace(DESCRIPTION, namespaces="{project}-{environment}"), shared) == []
    assert [line.rpartition(": ")[2] for line in disagreements(DESCRIPTION, shared)] == [
        "write api-dev",
        "write api-stg",
    ]


def test_an_image_is_named_as_the_base_names_it_and_manifests_may_be_elsewhere() -> None:
    service = Service("api", "apps/api", image="ghcr.io/acme/api", manifests="apps/api/deploy")
    moved = {
        path.replace("deploy/api", "apps/api/deploy"): text.replace("name: api\n", "name: ghcr.io/acme/api\n")
        for path, text in FILES.items()
    }
    assert disagreements(replace(DESCRIPTION, services=(service,)), moved) == []


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
