"""The provenance statement: in the form that SLSA gives it, without a value of an argument or a secret."""

import json
from dataclasses import replace
from typing import Any

import pytest

from pipeline.provenance.statement import BaseImage, Origin, statement

DIGEST = "sha256:" + "1" * 64
ORIGIN = Origin(
    service="web",
    tag="v1.2.3",
    repository="https://git.example.com/acme/shop",
    commit="c" * 40,
    context="apps/web",
    dockerfile="apps/web/Dockerfile",
    target="",
    platforms=("linux/amd64",),
    arguments=("VERSION", "NODE_ENV"),
    secrets=("npm_token",),
    bases=(BaseImage("docker.io/library/node:24", "sha256:" + "2" * 64), BaseImage("ghcr.io:443/acme/base:1")),
    run="https://github.com/acme/shop/actions/runs/7/attempts/1",
)


def made(origin: Origin = ORIGIN) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(statement("registry.example.com/dev-shop-web", DIGEST, origin))
    return found


def test_it_is_slsa_s_statement_of_that_digest() -> None:
    found = made()
    assert found["_type"] == "https://in-toto.io/Statement/v1"
    assert found["predicateType"] == "https://slsa.dev/provenance/v1"
    assert found["subject"] == [{"name": "registry.example.com/dev-shop-web", "digest": {"sha256": "1" * 64}}]
    assert set(found["predicate"]) == {"buildDefinition", "runDetails"}


def test_arguments_and_secrets_are_names_and_what_is_not_given_is_left_out() -> None:
    assert made()["predicate"]["buildDefinition"]["externalParameters"] == {
        "service": "web",
        "tag": "v1.2.3",
        "context": "apps/web",
        "dockerfile": "apps/web/Dockerfile",
        "platforms": ["linux/amd64"],
        "arguments": ["NODE_ENV", "VERSION"],
        "secrets": ["npm_token"],
    }


def test_source_and_base_images_are_dependencies_with_their_digests() -> None:
    assert made()["predicate"]["buildDefinition"]["resolvedDependencies"] == [
        {
            "name": "source",
            "uri": "git+https://git.example.com/acme/shop@refs/tags/v1.2.3",
            "digest": {"gitCommit": "c" * 40},
        },
        {"name": "docker.io/library/node:24", "uri": "pkg:docker/node@24", "digest": {"sha256": "2" * 64}},
        {"name": "ghcr.io:443/acme/base:1", "uri": "pkg:docker/ghcr.io:443/acme/base@1"},
    ]
    assert "digest" not in made(replace(ORIGIN, commit=""))["predicate"]["buildDefinition"]["resolvedDependencies"][0]


@pytest.mark.parametrize(
    ("repository", "uri"),
    [
        ("git@git.example.com:acme/shop.git", "git+ssh://git@git.example.com/acme/shop.git@refs/tags/v1.2.3"),
        ("ssh://git@git.example.com/acme/shop", "git+ssh://git@git.example.com/acme/shop@refs/tags/v1.2.3"),
    ],
)
def test_a_repository_over_ssh_is_an_address_too(repository: str, uri: str) -> None:
    assert (
        made(replace(ORIGIN, repository=repository))["predicate"]["buildDefinition"]["resolvedDependencies"][0]["uri"]
        == uri
    )


@pytest.mark.parametrize(
    ("run", "builder"),
    [
        ("https://github.com/acme/shop/actions/runs/7/attempts/1", "https://github.com/acme/shop/actions"),
        ("https://gitlab.example.com/acme/shop/-/jobs/12", "https://gitlab.example.com/acme/shop"),
        ("https://ci.example.com", "https://ci.example.com"),
        ("", "urn:pipeline:local"),
    ],
)
def test_the_builder_is_the_ci_that_ran_it(run: str, builder: str) -> None:
    assert made(replace(ORIGIN, run=run))["predicate"]["runDetails"] == {"builder": {"id": builder}}


def test_the_same_image_and_origin_give_the_same_text() -> None:
    again = replace(ORIGIN, arguments=tuple(reversed(ORIGIN.arguments)))
    assert statement("a", DIGEST, ORIGIN) == statement("a", DIGEST, again)
    later = replace(ORIGIN, run="https://github.com/acme/shop/actions/runs/8")
    assert statement("a", DIGEST, ORIGIN) == statement("a", DIGEST, later), "who goes on where a run was stopped"
