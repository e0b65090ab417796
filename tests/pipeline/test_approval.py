"""`--approved`: what was looked at is done, and nothing else."""

import pytest
from support.calls import Caller
from support.proxy import Proxy, Request
from support.registry import Registry
from support.workspace import Workspace

TOKEN = ("--git-token", "env://GIT_TOKEN")
STG = ("promote", "--version", "v1.2.3", "--target-env", "stg", "--services", "backend", *TOKEN)
BACK = ("rollback", "--target-env", "stg", "--services", "backend", *TOKEN)


@pytest.fixture
def digest(workspace: Workspace, images: Registry) -> str:
    """The backend's digest in dev."""
    return images.seed(f"dev-{workspace.project}-backend", "v1.2.3")


def test_a_plan_that_still_holds_is_carried_out_and_any_other_is_refused_before_a_copy(
    call: Caller, workspace: Workspace, images: Registry, registry: Proxy, digest: str
) -> None:
    older, repository = images.seed(f"stg-{workspace.project}-backend", "v1.1.0", "older"), call.arguments[1]
    approved = call("plan", *STG[1:], "digest").stdout.strip()
    workspace.pin("backend", "stg", f"{repository}/stg-{workspace.project}-backend", "v1.1.0", older)
    workspace.push("Somebody else's change")
    registry.clear()
    error = call(*STG, "--approved", approved).error
    assert f"promote to stg is not what was approved any more: the plan was {approved}, now it is sha256:" in error
    assert f"stg-{workspace.project}-backend:v1.1.0@{older} -> " in error
    assert f":v1.2.3@{digest}" in error
    assert not [request for request in registry.requests if request.writes]
    workspace.update_dev("frontend", "v1.3.0")  # another tip is not another plan
    assert call(*STG, "--approved", _now(error)).code == 0
    assert workspace.message().startswith("promote(stg)")
    error = call(*BACK, "--approved", approved).error
    assert "rollback to stg is not what was approved" in error
    assert call(*BACK, "--approved", _now(error)).code == 0
    assert workspace.message().startswith("rollback(stg)")


def _now(error: str) -> str:
    return error.partition("now it is ")[2].partition(": ")[0]


def test_what_changes_while_images_are_copied_is_refused_before_the_commit(
    call: Caller, workspace: Workspace, registry: Proxy, digest: str
) -> None:
    approved: str = call(*STG, "--dry-run", "--format", "json").json["digest"]

    async def change(request: Request) -> bytes | None:
        if request.method == "PUT" and "/manifests/" in request.path and not changed:
            changed.append(request.path)
            workspace.pin("backend", "stg", "r.example.com/backend", "v1.1.0", f"sha256:{'1' * 64}")
            workspace.push("Somebody else's change")
        return None

    changed: list[str] = []
    registry.fault = change
    error = call(*STG, "--approved", approved).error
    assert "promote to stg is not what was approved any more" in error
    assert f"Copied already: backend: {call.arguments[1]}/stg-{workspace.project}-backend:v1.2.3@{digest}" in error
    assert workspace.message() == "Somebody else's change"
