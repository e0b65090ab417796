"""A repository of Dockerfiles and nothing else begins with one call, whose changes are shown before they are made."""

import shutil

from support.calls import Caller
from support.workspace import Workspace, git


def test_what_a_repository_begins_with_is_a_changeset_made_by_looking_at_it(call: Caller, workspace: Workspace) -> None:
    arguments = ("init", "--repository", "https://github.com/acme/shop")
    assert "there is a pipeline.yaml already" in call(*arguments).error
    (workspace.path / "pipeline.yaml").unlink()
    shutil.rmtree(workspace.path / "manifests")
    git(workspace.path, "checkout", "--quiet", "-b", "trunk")
    patch = call(*arguments, "as-patch", "contents").stdout
    added = {line.removeprefix("+++ b/") for line in patch.splitlines() if line.startswith("+++ b/")}
    assert {"pipeline.yaml", "manifests/frontend/overlays/prod/kustomization.yaml"} <= added
    assert "\n+project: shop\n" in patch
    assert "\n+branch: trunk\n" in patch
    assert "\n+  - {name: backend, context: services/backend, checks: []}\n" in patch
    assert not (workspace.path / "pipeline.yaml").exists()
