"""A repository with much more in it than manifests: what is not needed is not taken along."""

import random

from support.calls import Caller
from support.git_http import GitServer
from support.registry import Registry
from support.workspace import Workspace, git

STG = ("--target-env", "stg", "--services", "backend", "--git-token", "env://GIT_TOKEN")
PROMOTE = ("promote", "--version", "v1.2.3", *STG)
LARGE = 2_000_000


def test_neither_promotion_nor_rollback_takes_files_along_that_it_does_not_need(
    call: Caller, workspace: Workspace, images: Registry, git_server: GitServer
) -> None:
    images.seed(f"dev-{workspace.project}-backend", "v1.2.3", "newer")
    before = images.seed(f"stg-{workspace.project}-backend", "v1.0.0")
    workspace.pin("backend", "stg", f"{call.arguments[1]}/stg-{workspace.project}-backend", "v1.0.0", before)
    (workspace.path / "large.bin").write_bytes(random.Random(7).randbytes(LARGE))  # noqa: S311  no secret
    git(workspace.path, "add", "large.bin")
    workspace.push("Something large")
    git_server.sent = 0
    assert call(*PROMOTE).code == 0
    assert call("rollback", *STG, "--format", "json").json["version"] == "v1.0.0"
    assert git_server.sent < LARGE / 4
    assert git(workspace.remote, "diff", "--stat", "main~2", "main") == ""
    assert "large.bin" in git(workspace.remote, "ls-tree", "--name-only", "main").split()


def test_an_overlay_that_reaches_out_of_the_manifests_gets_what_it_needs(
    call: Caller, workspace: Workspace, images: Registry
) -> None:
    images.seed(f"dev-{workspace.project}-backend", "v1.2.3")
    (workspace.path / "shared").mkdir()
    git(workspace.path, "mv", "manifests/backend/base", "shared/backend")
    overlay = workspace.path / "manifests/backend/overlays/stg/kustomization.yaml"
    overlay.write_text(overlay.read_text().replace("../../base", "../../../../shared/backend"))
    workspace.push("Keep bases elsewhere")
    assert call(*PROMOTE).code == 0
    changed = git(workspace.remote, "diff", "--name-only", "main~1", "main")
    assert changed == "manifests/backend/overlays/stg/kustomization.yaml"
