"""Several environments in one commit, what runs instead of a version, and a hot fix past an environment."""

import shutil

import pytest
from support.calls import Caller
from support.git_http import GitServer
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import Workspace, git

TOKEN = ("--git-token", "env://GIT_TOKEN")
JSON = ("--format", "json")
VERSIONS = {"backend": "v1.2.3", "frontend": "v2.0.0"}


@pytest.fixture
def regions(workspace: Workspace) -> Workspace:
    """A workspace with a second production environment, whose dev runs versions of a service each."""
    description = workspace.path / "pipeline.yaml"
    text = description.read_text()
    description.write_text(text.replace("services:\n", "  - {name: prod-us, promotes-from: stg}\nservices:\n"))
    for service in VERSIONS:
        overlays = workspace.path / "manifests" / service / "overlays"
        shutil.copytree(overlays / "prod", overlays / "prod-us")
    git(workspace.path, "add", "--all")
    workspace.push("Add a region")
    for service, version in VERSIONS.items():
        workspace.update_dev(service, version)
    return workspace


def test_what_runs_goes_to_all_regions_in_one_commit_and_a_hot_fix_past_stg(
    call: Caller, regions: Workspace, images: Registry, registry: Proxy, git_server: GitServer
) -> None:
    project, address = regions.project, call.arguments[1]
    digests = {name: images.seed(f"dev-{project}-{name}", version) for name, version in VERSIONS.items()}

    report = call("promote", "--target-env", "stg", *TOKEN, *JSON).json
    assert (report["version"], report["from"], report["environment"]) == ("v1.2.3, v2.0.0", "dev", "stg")
    rows = [(row["service"], row["target"].rpartition(":")[2], row["digest"]) for row in report["services"]]
    assert rows == [(name, version, digests[name]) for name, version in VERSIONS.items()]

    registry.clear()
    copied: list[int] = []
    git_server.on_push = lambda: copied.append(
        sum(request.method == "PUT" and "/manifests/" in request.path for request in registry.requests)
    )
    before = regions.commits()
    report = call("promote", "--target-env", "prod,prod-us", *TOKEN, *JSON).json
    git_server.on_push = None
    assert copied == [4], "every copy is before the only push"
    assert regions.commits()[1:] == before
    assert [(part["environment"], part["from"]) for part in report["environments"]] == [
        ("prod", "stg"), ("prod-us", "stg"),
    ]  # fmt: skip
    assert regions.message().startswith(f"promote(prod, prod-us): {project} v1.2.3, v2.0.0\n")
    for part in report["environments"]:
        for name, version in VERSIONS.items():
            repository = f"{part['environment']}-{project}-{name}"
            assert images.digest(repository, version) == digests[name]
            overlay = regions.show(f"manifests/{name}/overlays/{part['environment']}/kustomization.yaml")
            assert f"newName: {address}/{repository}\n" in overlay
            assert digests[name] in overlay

    fix = images.seed(f"dev-{project}-backend", "v1.2.4", "mended")
    stg = regions.show("manifests/backend/overlays/stg/kustomization.yaml")
    line = ("promote", "--version", "v1.2.4", "--from", "dev", "--target-env", "prod", "--services", "backend")
    report = call(*line, "--force", "--reason", "incident 7", *TOKEN, *JSON).json
    assert (report["from"], report["skipped"], report["reason"]) == ("dev", ["stg"], "incident 7")
    assert report["services"][0]["digest"] == fix
    assert regions.show("manifests/backend/overlays/stg/kustomization.yaml") == stg
    assert not images.digest(f"stg-{project}-backend", "v1.2.4")
    trailers = regions.message().splitlines()
    assert {"Promoted-From: dev", "Skipped: stg", "Forced: incident 7"} <= set(trailers)

    entries = call("history", *TOKEN, *JSON).json["history"]
    assert [(entry["environment"], entry["from"], entry.get("skipped")) for entry in entries] == [
        ("prod", "dev", ["stg"]), ("prod", "stg", None), ("prod-us", "stg", None), ("stg", "dev", None),
    ]  # fmt: skip
    assert [service["version"] for service in entries[2]["services"]] == list(VERSIONS.values())
