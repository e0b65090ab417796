"""`manifests`, the check: it names the overlay that disagrees with pipeline.yaml, or does not render."""

from support.calls import Caller
from support.workspace import Workspace


def test_overlays_that_disagree_are_named_and_those_that_agree_pass(call: Caller, workspace: Workspace) -> None:
    overlays = sorted(workspace.path.glob("manifests/*/overlays/*/kustomization.yaml"))
    error = call("manifests").error  # the workspace has a project of its own, its overlays still have this one's
    named = {line.split(" has newName: ")[0] for line in error.removeprefix("InvalidOverlay: ").splitlines()}
    assert named == {str(path.relative_to(workspace.path)) for path in overlays}
    for path in overlays:
        path.write_text(path.read_text().replace("-myapp-", f"-{workspace.project}-"))
    assert call("manifests").code == 0

    base = workspace.path / "manifests/backend/base/deployment.yaml"
    base.write_text(base.read_text().replace("image: backend", "image: other"))
    error = call("manifests").error
    assert error.startswith("InvalidOverlay: manifests/backend/overlays/")
    assert "renders other instead of " in error


def test_services_and_manifests_may_be_anywhere_in_the_repository(call: Caller, workspace: Workspace) -> None:
    (workspace.path / "services").rename(workspace.path / "apps")
    (workspace.path / "manifests").rename(workspace.path / "deploy")
    path = workspace.path / "pipeline.yaml"
    path.write_text(path.read_text().replace("services/", "apps/").replace("manifests: manifests", "manifests: deploy"))
    assert call("build", "--tag", "v1.2.3").code == 0
    assert "deploy/backend/overlays/dev/kustomization.yaml has newName" in call("manifests").error
