"""Who deploys the first environment: the pipeline, by a commit at `build --push`, or an image updater, by its own."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.calls import Caller
from support.proxy import Proxy, Request
from support.registry import Registry
from support.workspace import Workspace, git

SERVICES = ("backend", "frontend")
TOKEN = ("--git-token", "env://GIT_TOKEN")
BUILD = ("build", "--tag", "v1.2.3", "--push", "--format", "json")
STG = ("--version", "v1.2.3", "--target-env", "stg", *TOKEN)


def overlay(service: str, environment: str = "dev") -> str:
    return f"manifests/{service}/overlays/{environment}/kustomization.yaml"


def deployed_by(workspace: Workspace, who: str) -> None:
    path = workspace.path / "pipeline.yaml"
    path.write_text(path.read_text().replace("{name: dev}", f"{{name: dev, deployed-by: {who}}}"))
    workspace.push(f"Let dev be deployed by {who}")


def dev(call: Caller) -> dict[str, dict[str, str | None]]:
    report = call("status", *TOKEN, "--format", "json").json
    [environment] = [one for one in report["environments"] if one["name"] == "dev"]
    return {one["service"]: one for one in environment["services"]}


def update(workspace: Workspace, service: str, old: str, new: str, repository: str) -> None:
    """Make the commit that Argo CD Image Updater makes of a new tag, as its documentation shows it."""
    clone = workspace.path.parent / f"{workspace.project}-image-updater"
    if not clone.exists():
        git(workspace.path.parent, "clone", "--quiet", str(workspace.remote), str(clone))
    git(clone, "pull", "--quiet")
    path = clone / overlay(service)
    head = path.read_text().partition("images:\n")[0]
    path.write_text(f"{head}images:\n- name: {service}\n  newName: {repository}\n  newTag: {new}\n")
    identity = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in (
        ("NAME", "argocd-image-updater"), ("EMAIL", "noreply@argoproj.io"))}  # fmt: skip
    message = f"build: automatic update of {service}-dev\n\nupdates image {repository} tag '{old}' to '{new}'\n"
    line = ["git", "-C", str(clone), "commit", "--quiet", "--all", f"--message={message}"]
    subprocess.run(line, env=os.environ | identity, check=True)
    git(clone, "push", "--quiet", "origin", "main")


@pytest.fixture(scope="session")
def pipeline(new_workspace: Callable[[], Workspace]) -> Workspace:
    workspace = new_workspace()
    deployed_by(workspace, "pipeline")
    return workspace


def test_a_push_is_one_commit_that_pins_tag_and_digest_in_the_first_environment(
    pipeline: Workspace, new_caller: Callable[[Workspace], Caller], registry: Proxy, tmp_path: Path
) -> None:
    call, before = new_caller(pipeline), pipeline.commits()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    given = (
        "--signing-key",
        f"file://{tmp_path / 'key'}",
        "--actor",
        "octocat",
        "--run-url",
        "https://ci.example.com/7",
    )
    report = call(*BUILD, *TOKEN, *given).json
    assert "BEGIN SSH SIGNATURE" in git(pipeline.remote, "cat-file", "commit", "main")
    assert report["commit"] == pipeline.commits()[0]
    assert pipeline.commits()[1:] == before
    message = pipeline.message().splitlines()
    assert message[0] == f"deploy(dev): {pipeline.project} v1.2.3"
    assert {"Promoted-Version: v1.2.3", "Promoted-To: dev", "Actor: octocat"} <= set(message)
    digests = {image["service"]: image["digest"] for image in report["images"]}
    for service, digest in digests.items():
        text = pipeline.show(overlay(service))
        assert "newTag: v1.2.3" in text
        assert f"digest: {digest}" in text
        assert f"newName: localhost:{registry.port}/dev-{pipeline.project}-{service}\n" in text
    found = dev(call)
    assert {service: (one["version"], one["digest"], one["registry"]) for service, one in found.items()} == {
        service: ("v1.2.3", digest, "agrees") for service, digest in digests.items()
    }

    again = call(*BUILD, *TOKEN).json
    assert again["commit"] is None
    assert pipeline.commits()[0] == report["commit"]

    promoted = call("promote", *STG, "--format", "json").json
    assert {one["service"]: one["digest"] for one in promoted["services"]} == digests


def test_one_service_is_deployed_alone(
    new_workspace: Callable[[], Workspace], new_caller: Callable[[Workspace], Caller], registry: Proxy
) -> None:
    workspace = new_workspace()
    deployed_by(workspace, "pipeline")
    assert new_caller(workspace)(*BUILD, *TOKEN, "--services", "backend").json["commit"]
    changed = git(workspace.remote, "show", "--name-only", "--format=", "main").split()
    assert changed == [overlay("backend")]


def test_a_build_without_a_push_commits_nothing_and_one_with_a_push_needs_a_token(
    pipeline: Workspace, new_caller: Callable[[Workspace], Caller], registry: Proxy
) -> None:
    call, before = new_caller(pipeline), pipeline.commits()
    assert "commit" not in call("build", "--tag", "v1.9.0", "--format", "json").json
    path = pipeline.path / "pipeline.yaml"
    text = path.read_text()
    try:
        path.write_text(text.replace(f"repository: {pipeline.url}", "repository: https://git.example.com/acme/shop"))
        error = replace(call, git="")("build", "--tag", "v1.9.0", "--push").error
    finally:
        path.write_text(text)
    assert "committing to https://git.example.com/acme/shop needs a token: give --git-token" in error
    assert not [request for request in registry.requests if request.writes]
    assert pipeline.commits() == before


def test_what_is_pushed_is_said_when_the_commit_fails(
    new_workspace: Callable[[], Workspace], new_caller: Callable[[Workspace], Caller], registry: Proxy
) -> None:
    workspace = new_workspace()
    deployed_by(workspace, "pipeline")
    git(workspace.remote, "branch", "--move", "main", "other")
    error = new_caller(workspace)(*BUILD, *TOKEN).error
    assert "create the branch, or correct pipeline.yaml" in error
    assert f"Pushed already: localhost:{registry.port}/dev-{workspace.project}-backend:v1.2.3@sha256:" in error


def test_an_image_updater_s_tag_is_read_by_status_plan_and_promote_and_nothing_of_ours_writes_dev(
    call: Caller, workspace: Workspace, images: Registry, registry: Proxy
) -> None:
    deployed_by(workspace, "image-updater")
    report = call(*BUILD).json
    assert "commit" not in report
    digests = {image["service"]: image["digest"] for image in report["images"]}
    for service in SERVICES:
        repository = f"localhost:{registry.port}/dev-{workspace.project}-{service}"
        update(workspace, service, "v0.0.0", "v1.2.3", repository)
    updated = {service: workspace.show(overlay(service)) for service in SERVICES}

    found = dev(call)
    assert {service: (one["version"], one["digest"], one["registry"]) for service, one in found.items()} == {
        service: ("v1.2.3", digest, "agrees") for service, digest in digests.items()
    }
    assert '"digest": "' + digests["backend"] in call("plan", *STG, "json").stdout
    promoted = call("promote", *STG, "--format", "json").json
    assert {one["service"]: one["digest"] for one in promoted["services"]} == digests
    assert {service: workspace.show(overlay(service)) for service in SERVICES} == updated


def test_an_image_updater_that_is_faster_does_not_stop_a_promotion(
    call: Caller, workspace: Workspace, images: Registry, registry: Proxy
) -> None:
    for service in SERVICES:
        images.seed(f"dev-{workspace.project}-{service}", "v1.2.3")
    repository = f"localhost:{registry.port}/dev-{workspace.project}-backend"

    async def write(request: Request) -> bytes | None:
        if request.method == "PUT" and "/manifests/" in request.path and not written:
            written.append("v1.2.3")
            update(workspace, "backend", "v0.0.0", "v1.2.3", repository)
        return None

    written: list[str] = []
    registry.fault = write
    assert call("promote", *STG).code == 0
    assert written
    assert git(workspace.remote, "log", "--format=%an", "-2", "main~1", "-1") == "argocd-image-updater"


def test_a_tag_that_the_registry_lacks_is_missing_and_has_no_digest(
    call: Caller, workspace: Workspace, registry: Proxy
) -> None:
    repository = f"localhost:{registry.port}/dev-{workspace.project}-backend"
    update(workspace, "backend", "v0.0.0", "v7.0.0", repository)
    found = dev(call)["backend"]
    assert (found["version"], found["digest"], found["registry"]) == ("v7.0.0", None, "missing")


def test_to_an_environment_that_takes_pull_requests_a_branch_is_pushed_and_reported(
    call: Caller, workspace: Workspace, images: Registry, registry: Proxy
) -> None:
    for service in SERVICES:
        images.seed(f"dev-{workspace.project}-{service}", "v1.2.3")
    path = workspace.path / "pipeline.yaml"
    stg = "{name: stg, promotes-from: dev"
    path.write_text(path.read_text().replace(stg, f"{stg}, changes-by: pull-request"))
    before = workspace.commits()
    assert call("promote", *STG, "--dry-run").code == 0
    assert not git(workspace.remote, "branch", "--list", "promote/*")
    proposed = call("promote", *STG, "--format", "json").json
    page = workspace.url.removesuffix(".git")
    assert proposed["pull_request"] == {"number": None, "url": page, "state": "pushed", "branch": "promote/stg"}
    assert workspace.commits("promote/stg") == [proposed["commit"], *before]
    assert workspace.commits() == before


def test_a_rehearsal_deploys_the_first_environment_as_a_push_does(pipeline: Workspace) -> None:
    report = Caller(pipeline.path, (), {})("rehearse", "--tag", "v1.4.0", "--format", "json").json
    assert set(report["digests"]) == set(SERVICES)  # in dev's overlay as well, which is proved then
