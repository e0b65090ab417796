"""The road on a cluster: Argo CD brings what was promoted, heals what was edited, and says what is wrong."""

import json
from collections.abc import Sequence

import pytest
from support import image_updater
from support.calls import Caller
from support.cluster import SERVICES, Cluster
from support.workspace import Workspace, git

GIT = ("--git-token", "env://GIT_TOKEN")


def runs(cluster: Cluster, environment: str, commit: str, references: Sequence[str]) -> None:
    """Assert that an environment runs what a commit pins."""
    for service, reference in zip(SERVICES, references, strict=True):
        assert cluster.application(service, environment) == ("Synced", commit, "Healthy")
        assert cluster.image(service, environment) == reference


def promote(call: Caller, cluster: Cluster, version: str, environment: str) -> list[str]:
    """Promote, wait, see that it runs, and return the images that do."""
    report = call("promote", "--version", version, "--target-env", environment, *GIT, "--wait", "5m",
                  "--format", "json").json  # fmt: skip
    references = [f"{row['target']}@{row['digest']}" for row in report["services"]]
    runs(cluster, environment, report["commit"], references)
    return references


def release(call: Caller, workspace: Workspace, cluster: Cluster, version: str, *, updater: bool) -> None:
    """Build and push a version, let Image Updater deploy it, or do what that does, and wait for it in dev."""
    assert call("build", "--tag", version, "--push").code == 0
    if updater:
        assert image_updater.has_written(workspace, SERVICES, version)
        assert workspace.author() == "argocd-image-updater"
    else:
        for service in SERVICES:
            workspace.update_dev(service, version)
    assert call("wait", "--target-env", "dev", *GIT, "--within", "5m").code == 0
    for service in SERVICES:
        sync, revision, health = cluster.application(service, "dev")
        assert (sync, health) == ("Synced", "Healthy")
        assert service != SERVICES[-1] or revision == workspace.commits()[0]
        assert cluster.image(service, "dev").endswith(f"/dev-myapp-{service}:{version}")


@pytest.fixture(scope="module")
def promoted(call: Caller, workspace: Workspace, cluster: Cluster, *, updater: bool) -> list[str]:
    """Two versions promoted to the end, and one step back in prod; the images that stg runs."""
    release(call, workspace, cluster, "v1.0.0", updater=updater)
    promote(call, cluster, "v1.0.0", "stg")
    before = promote(call, cluster, "v1.0.0", "prod")
    workspace.pull()
    for service in SERVICES:
        (workspace.path / "services" / service / "content").write_text(f"{service}, the second\n")
    workspace.push("feat: the second")
    release(call, workspace, cluster, "v1.1.0", updater=updater)
    now = promote(call, cluster, "v1.1.0", "stg")
    after = promote(call, cluster, "v1.1.0", "prod")
    assert not set(before) & set(after)
    back = call("rollback", "--target-env", "prod", *GIT, "--format", "json").json
    assert call("wait", "--target-env", "prod", *GIT, "--within", "5m").code == 0
    runs(cluster, "prod", back["commit"], before)
    return now


def test_an_edit_by_hand_is_healed(promoted: list[str], cluster: Cluster) -> None:
    image = promoted[0]
    cluster.kubectl("-n", "backend-stg", "set", "image", "deployment/backend", "backend=example.com/another:v9")
    path = "{.spec.template.spec.containers[0].image}"
    cluster.kubectl("-n", "backend-stg", "wait", "deployment/backend", f"--for=jsonpath={path}={image}", "--timeout=5m")
    assert cluster.image("backend", "stg") == image


def change_stg(workspace: Workspace, text: str) -> str:
    """Add to the backend's overlay, and return the commit."""
    workspace.pull()
    path = workspace.path / "manifests/backend/overlays/stg/kustomization.yaml"
    path.write_text(path.read_text() + text)
    workspace.push("Change stg")
    return workspace.commits()[0]


def undo_change(workspace: Workspace) -> None:
    git(workspace.path, "revert", "--no-edit", "HEAD")
    git(workspace.path, "push", "--quiet", "origin", "main")


def test_an_overlay_that_the_project_refuses_is_said(
    promoted: list[str], call: Caller, workspace: Workspace, cluster: Cluster
) -> None:
    commit = change_stg(workspace, "secretGenerator:\n- name: hidden\n  literals: [a=b]\n")
    error = call("wait", "--target-env", "stg", *GIT, "--within", "20s").error
    assert f"{commit} is committed, but in stg backend-stg " in error
    assert "is not permitted in project myapp" in error
    undo_change(workspace)
    assert call("wait", "--target-env", "stg", *GIT, "--within", "5m").code == 0


def test_an_overlay_whose_pods_never_come_up_is_degraded_and_said(
    promoted: list[str], call: Caller, workspace: Workspace, cluster: Cluster
) -> None:
    resources = {"requests": {"cpu": "9999"}}
    patch = [
        {"op": "add", "path": "/spec/template/spec/containers/0/resources", "value": resources},
        {"op": "add", "path": "/spec/progressDeadlineSeconds", "value": 3},
    ]
    change = f"patches:\n- target: {{kind: Deployment}}\n  patch: |\n    {json.dumps(patch)}\n"
    commit = change_stg(workspace, change)
    error = call("wait", "--target-env", "stg", *GIT, "--within", "5m").error
    assert error.splitlines()[0] == (
        f"NotDeployed: {commit} is committed, but in stg backend-stg failed: roll back, or correct it"
    )
    assert 'Deployment "backend" exceeded its progress deadline' in error
    undo_change(workspace)
    assert call("wait", "--target-env", "stg", *GIT, "--within", "5m").code == 0
