"""`promote --wait` and `wait`: until Argo CD runs it in good health, with an Argo CD on a loopback port."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from support.argocd import MESSAGE, POD, ArgoCD
from support.calls import Caller
from support.registry import Registry
from support.workspace import Workspace

GIT = ("--git-token", "env://GIT_TOKEN")
NAMES = ["backend-stg", "frontend-stg"]


def promotion(version: str) -> tuple[str, ...]:
    return ("promote", "--version", version, "--target-env", "stg", *GIT)


@pytest.fixture(scope="module")
def stage(
    new_workspace: Callable[[], Workspace], new_caller: Callable[[Workspace], Caller], images: Registry
) -> tuple[Workspace, Caller]:
    """A project with three versions in dev."""
    workspace = new_workspace()
    for tag in ("v1.0.0", "v1.1.0", "v1.2.0"):
        for service in ("backend", "frontend"):
            images.seed(f"dev-{workspace.project}-{service}", tag, f"{service} {tag}")
    return workspace, new_caller(workspace)


@pytest.fixture
def argocd(stage: tuple[Workspace, Caller]) -> Iterator[ArgoCD]:
    with ArgoCD(secrets.token_urlsafe(24), stage[0].remote, list(NAMES)).serving() as server:
        yield server


@pytest.fixture
def call(stage: tuple[Workspace, Caller], argocd: ArgoCD) -> Caller:
    caller = stage[1]
    given = caller.secrets | {"ARGOCD_TOKEN": argocd.token}
    return replace(caller, arguments=(*caller.arguments, *argocd.arguments), secrets=given)


def test_a_promotion_waits_until_it_is_healthy_and_undoes_what_is_degraded(
    stage: tuple[Workspace, Caller], call: Caller, argocd: ArgoCD
) -> None:
    workspace, _ = stage
    report = call(*promotion("v1.0.0"), "--wait", "1m", "--format", "json").json
    at = f"Synced at {report['commit'][:12]}, Healthy"
    assert report["commit"] == workspace.commits()[0]
    assert report["applications"] == [
        {"application": f"{name}-stg", "service": name, "state": at} for name in ("backend", "frontend")
    ]

    argocd.health["backend-stg"] = "Degraded"
    called = call(*promotion("v1.1.0"), "--wait", "1m", "--undo", "--actor", "octocat")
    undone, promoted = workspace.commits()[:2]
    assert called.error.splitlines() == [
        f"NotDeployed: {promoted} is committed, but in stg backend-stg failed: roll back, or correct it",
        f"  backend-stg: Synced at {promoted[:12]}, Degraded",
        f"    Deployment/backend: Degraded: {MESSAGE}",
        f"    Pod/backend-stg-x2b: Degraded: {POD}",
        f"  frontend-stg: Synced at {promoted[:12]}, Healthy",
        f"Undone: {undone} lets stg run v1.0.0 again",
    ]
    assert f"backend-stg: Synced at {promoted[:12]}, Progressing" in called.stderr  # told while it waits
    message = workspace.message().splitlines()
    assert message[0] == f"rollback(stg): {workspace.project} back to v1.0.0"
    assert f"Reason: {promoted[:12]} did not become healthy" in message
    assert "Actor: octocat" in message

    argocd.health.clear()
    waited = call("wait", "--target-env", "stg", *GIT).stdout
    assert waited.startswith(f"deployed {undone} to stg in ")
    assert argocd.token not in called.stdout + called.stderr + waited


def test_what_is_late_or_superseded_is_told_and_only_what_is_late_is_undone(
    stage: tuple[Workspace, Caller], call: Caller, argocd: ArgoCD
) -> None:
    workspace, bare = stage
    argocd.stuck.add("frontend-stg")
    error = call(*promotion("v1.1.0"), "--wait", "2s").error
    promoted = workspace.commits()[0]
    assert f"{promoted} is committed, but in stg frontend-stg did not get there within 2 s" in error
    assert "  frontend-stg: Synced at " in error
    assert error.endswith("Healthy: the commit is not in there")

    argocd.stuck.clear()
    overtaken: list[bool] = []

    def overtake() -> None:
        if not overtaken:
            overtaken.append(True)
            assert bare(*promotion("v1.0.0"), "--services", "backend").code == 0

    argocd.on_refresh = overtake
    error = call(*promotion("v1.2.0"), "--wait", "1m", "--undo").error
    newest, promoted = workspace.commits()[:2]
    assert f"{promoted} is committed, but in stg another change of backend-stg came after it" in error
    assert f"  backend-stg: Synced at {newest[:12]}, " in error
    assert "Nothing was undone" in error
    assert workspace.message().startswith("promote(stg)")


def test_nothing_is_promoted_where_argo_cd_cannot_say_what_becomes_of_it(
    stage: tuple[Workspace, Caller], call: Caller, argocd: ArgoCD
) -> None:
    workspace, bare = stage
    before = workspace.commits()
    waiting = (*promotion("v1.0.0"), "--wait", "1m")
    assert "refuses the token (401)" in call(*waiting, ARGOCD_TOKEN="another").error
    with ArgoCD(argocd.token, workspace.remote, ["backend-stg"]).serving() as other:
        lacking = replace(bare, arguments=(*bare.arguments, *other.arguments), secrets=call.secrets)
        error = lacking(*waiting).error
        assert "has no application frontend-stg, or the token may not see them" in error
    assert "cannot be asked (is it up" in lacking(*waiting).error
    assert "--undo needs --wait" in call(*promotion("v1.0.0"), "--undo").error
    assert "give --argocd-server" in bare(*waiting).error
    assert workspace.commits() == before
