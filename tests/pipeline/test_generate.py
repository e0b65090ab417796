"""A service and an environment more: an edit of pipeline.yaml, `generate`, and the road leads through them."""

import re
import shutil

from support.calls import CHECKS, Caller, dagger
from support.workspace import REPOSITORY, Workspace


def test_a_service_and_an_environment_more_are_generated_checked_and_promoted(
    workspace: Workspace, call: Caller
) -> None:
    for folder in (".github", "manifests/argocd"):
        shutil.copytree(REPOSITORY / folder, workspace.path / folder)
    for overlay in workspace.path.glob("manifests/*/overlays/*/kustomization.yaml"):
        overlay.write_text(overlay.read_text().replace("-myapp-", f"-{workspace.project}-"))
    description = workspace.path / "pipeline.yaml"
    text = description.read_text().replace("promotes-from: dev}", "promotes-from: qa}")
    text = text.replace("  - {name: stg,", "  - {name: qa, promotes-from: dev}\n  - {name: stg,")
    # Images of a file each have no language that would tell what they are checked with.
    text = re.sub(r"(context: services/\w+)\}", r"\1, checks: []}", text)
    description.write_text(
        text.replace("services:\n", "services:\n  - {name: worker, context: services/worker, checks: []}\n")
    )
    shutil.copytree(workspace.path / "services/backend", workspace.path / "services/worker")

    stale = dagger(workspace.path, "check", "generated")
    assert stale.returncode == 1
    assert "generated produced changes" in " ".join((stale.stdout + stale.stderr).split())
    made = dagger(workspace.path, "generate", "-y")
    assert made.returncode == 0, made.stderr
    checked = dagger(workspace.path, "check", *CHECKS)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    road = call("rehearse", "--tag", "v1.2.3", "--format", "json").json
    stages = [stage["stage"] for stage in road["stages"]]
    assert [stage for stage in stages if stage.startswith("promote v1.2.3 to")] == [
        f"promote v1.2.3 to {environment}" for environment in ("qa", "stg", "prod", "prod")
    ]
    assert set(road["digests"]) == {"worker", "backend", "frontend"}
