import os
from pathlib import Path

import pytest

from dagger_local.images import stand_ins
from dagger_local.images.apt import find_mirror
from dagger_local.images.references import parse
from dagger_local.images.stand_ins import StandIn


def recipe(reference: str) -> StandIn:
    found = stand_ins.find(parse(reference))
    assert found is not None, reference
    return found


@pytest.mark.parametrize(
    "reference",
    [
        *("golang:1.25", "golang:1.25-bookworm", "golang:1.25-alpine", "node:24", "node:24-slim"),
        *("nginxinc/nginx-unprivileged:1.29", "nginxinc/nginx-unprivileged:1.29-alpine", "nginx:1.29"),
        *("alpine", "alpine:3.20.2", "busybox", "debian:bookworm-slim", "debian:trixie", "debian", "ubuntu:24.04"),
        *("python:3.11-slim", "python:3.13", "python:alpine", "registry:2", "registry:3.0.0", "httpd:2"),
        *("alpine/git:v2.49.1", "buildpack-deps:bookworm-scm", "ghcr.io/astral-sh/uv:0.9.5"),
        *("gcr.io/go-containerregistry/crane:v0.20.7", "registry.k8s.io/kustomize/kustomize:v5.8.1"),
        *("golangci/golangci-lint:v2.14.0", "rhysd/actionlint:1.7.12", "ghcr.io/zizmorcore/zizmor:1.30.1"),
        *("hadolint/hadolint:v2.15.1", "ghcr.io/gitleaks/gitleaks:v8.30.1", "ghcr.io/oras-project/oras:v1.3.3"),
        *("ghcr.io/anchore/syft:v1.51.1", "ghcr.io/sigstore/cosign/cosign:v3.1.3"),
        *("ghcr.io/astral-sh/uv:0.9.5-python3.11-bookworm-slim", "ghcr.io/astral-sh/uv:debian-slim"),
        *("ghcr.io/astral-sh/ruff:0.14.1", "curlimages/curl:8.10.1", "redis:7-alpine", "postgres:17", "mariadb:11"),
        "golang:1.25@sha256:" + "0" * 64,
    ],
)
def test_the_images_that_a_pipeline_takes_have_stand_ins(reference: str) -> None:
    assert recipe(reference).say


def test_an_image_that_is_not_in_the_table_has_none() -> None:
    assert stand_ins.find(parse("nowhere/nothing")) is None
    assert stand_ins.find(parse("ghcr.io/library/golang")) is None


@pytest.mark.parametrize("tag", ["alpine", "0.9-alpine", "python3.12-bookworm", "0.9.5-python3.13-alpine"])
def test_an_image_that_would_be_half_right_has_none(tag: str) -> None:
    assert stand_ins.find(parse(f"ghcr.io/astral-sh/uv:{tag}")) is None


def test_the_tag_says_which_version_is_wanted() -> None:
    assert recipe("golang:1.25-bookworm").wanted == "1.25"
    assert recipe("golang").wanted == ""
    linter = recipe("golangci/golangci-lint:v2.14")
    assert linter.go is not None
    assert (linter.go.version, linter.wanted) == ("v2.14.0", ""), "not what is wanted of the Go beside it"
    assert recipe("ghcr.io/anchore/syft:v1.51.1").wanted == "", "PyPI has an older one only"
    assert recipe("alpine:3.20").files["/etc/alpine-release"] == "3.20.0\n"
    assert recipe("alpine:3.20.2").files["/etc/alpine-release"] == "3.20.2\n"


def test_equal_recipes_are_one_image_and_what_is_said_of_them_is_no_part() -> None:
    assert recipe("golang:1.25").digest == recipe("golang:1.25-alpine").digest
    assert recipe("golang:1.25-trixie").digest == recipe("golang:1.25-bookworm").digest
    assert recipe("debian:trixie").digest == recipe("ubuntu:24.04").digest == stand_ins.debian("trixie").digest
    assert recipe("golang:1.25").digest != recipe("golang:1.24").digest
    assert recipe("nginx").digest != recipe("nginxinc/nginx-unprivileged").digest


def test_every_file_of_a_recipe_is_there() -> None:
    for name in stand_ins.names():
        made = recipe(name) if stand_ins.find(parse(name)) else recipe(f"{name}:scm")
        assert all(source.is_file() for source, _ in made.tree_files())
        assert bool(made.trees) == bool(made.tree_files())


def test_alpines_packages_are_listed_once_each_with_what_is_unpacked_for_them() -> None:
    listed = next(source for source, target in recipe("alpine").tree_files() if target == "/usr/lib/apk/packages")
    rows = [line.split() for line in listed.read_text().splitlines() if not line.startswith("#")]

    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    assert all(row[1:] == ["-"] or (row[1:] and "-" not in row[1:]) for row in rows)


def test_the_mirror_is_read_from_the_hosts_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "a.sources").write_text(
        "Types: deb\nURIs: https://elsewhere.example/tool\nSuites: ./\n\n"
        "Enabled: no\nTypes: deb\nURIs: https://off.example/debian\nSuites: sid\n\n"
        "# a comment\nTypes: deb deb-src\nURIs: https://mirror.example/debian\nSuites: trixie\n"
        "Components: main\nSigned-By: /keys/debian.gpg\n"
    )
    found = find_mirror(tmp_path)
    assert (found.uri, found.keyring) == ("https://mirror.example/debian", Path("/keys/debian.gpg"))
    assert found.source("sid") == "deb [signed-by=/keys/debian.gpg] https://mirror.example/debian sid main"


def test_old_sources_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(
        "# deb https://no.example/debian sid main\ndeb https://security.example/debian-security trixie main\n"
        "deb [arch=amd64 signed-by=/keys/k.gpg] https://mirror.example/debian/ trixie main\n"
    )
    found = find_mirror(tmp_path)
    assert (found.uri, str(found.keyring)) == ("https://mirror.example/debian/", f"{os.sep}keys{os.sep}k.gpg")
