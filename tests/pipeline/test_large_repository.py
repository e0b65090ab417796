"""A repository with much more in it than manifests: what is not needed is not taken along."""

import random
import subprocess

from support import engine
from support.calls import Caller
from support.git_http import GitServer
from support.registry import Registry
from support.workspace import Workspace, git

from pipeline.promotion.rollback import LATELY

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


def test_a_long_history_is_read_as_far_as_a_rollback_depends_on_it(
    call: Caller, workspace: Workspace, images: Registry
) -> None:
    repository = f"stg-{workspace.project}-backend"
    for tag in ("v1.0.0", "v1.1.0"):
        workspace.pin("backend", "stg", f"{call.arguments[1]}/{repository}", tag, images.seed(repository, tag, tag))
        workspace.push(f"Run {tag}")
    _go_on(workspace, LATELY)
    workspace.pull()
    images.seed(f"dev-{workspace.project}-backend", "v1.2.3", "newer")
    assert call(*PROMOTE).code == 0
    back = ("rollback", *STG, "--format", "json")
    first, second = call(*back), call(*back)
    assert [done.json["version"] for done in (first, second)] == ["v1.1.0", "v1.0.0"]
    reads = [done.stderr.count(f"read main of {workspace.url} DONE") for done in (first, second)]
    assert reads == [1, 2] or engine.DAGGER  # which writes steps in another way


def _go_on(workspace: Workspace, commits: int) -> None:
    """Put commits that change nothing on the branch."""
    commit = "commit refs/heads/main\ncommitter Someone <someone@example.com> 1767400000 +0000\ndata 2\nOn\n"
    stream = f"{commit}from refs/heads/main^0\n{commit * (commits - 1)}"
    line = ["git", "-C", str(workspace.remote), "fast-import", "--quiet"]
    subprocess.run(line, input=stream.encode(), check=True)


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
