"""What happens when others fail: servers that refuse or hang, copies that are cut."""

import stat
import time

import pytest
from support.calls import Caller
from support.git_http import GitServer
from support.proxy import Proxy, Request
from support.registry import Registry
from support.workspace import Workspace

TOKEN = ("--git-token", "env://GIT_TOKEN")
STG = ("promote", "--version", "v1.2.3", "--target-env", "stg", *TOKEN)
SERVICES = ("backend", "frontend")


@pytest.fixture
def built(workspace: Workspace, images: Registry) -> dict[str, str]:
    return {service: images.seed(f"dev-{workspace.project}-{service}", "v1.2.3") for service in SERVICES}


def assert_copied_is_named(error: str, workspace: Workspace, built: dict[str, str]) -> None:
    last = error.splitlines()[-1]
    assert last.startswith("Copied already: ")
    assert last.endswith("Run again to finish: nothing is copied twice")
    assert all(f"/stg-{workspace.project}-{name}:v1.2.3@{digest}" in last for name, digest in built.items())


def test_a_token_that_may_not_push_is_told_so(
    call: Caller, workspace: Workspace, git_server: GitServer, built: dict[str, str]
) -> None:
    error = call(*STG, GIT_TOKEN=git_server.reader).error
    assert f"pushing to {workspace.url} (main) failed (the token may not push" in error
    assert git_server.reader not in error
    assert_copied_is_named(error, workspace, built)
    assert call(*STG).code == 0  # with the right one it goes on where it stopped
    assert workspace.message().startswith("promote(stg)")


def test_a_token_that_nobody_knows_is_told_so(call: Caller, built: dict[str, str]) -> None:
    error = call(*STG, GIT_TOKEN="unknown-token-7").error
    assert "check --git-token" in error
    assert "unknown-token-7" not in error


def test_a_protected_branch_is_told(call: Caller, workspace: Workspace, built: dict[str, str]) -> None:
    hook = workspace.remote / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch >&2\nexit 1\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    before = workspace.commits()
    error = call(*STG).error
    assert "the branch is protected" in error
    assert_copied_is_named(error, workspace, built)
    assert workspace.commits() == before


def test_an_expired_registry_password_is_told(call: Caller, workspace: Workspace, built: dict[str, str]) -> None:
    before = workspace.commits()
    error = call(*STG, REGISTRY_PASSWORD="expired-password-7").error
    assert "check --registry-username, --registry-password" in error
    assert "expired-password-7" not in error
    assert workspace.commits() == before


def test_a_remote_that_hangs_is_given_up_in_bounded_time(
    call: Caller, workspace: Workspace, git_server: GitServer, built: dict[str, str]
) -> None:
    git_server.hang.set()
    try:
        started = time.monotonic()
        error = call(*STG).error
    finally:
        git_server.hang.clear()
    assert "is the Git server up" in error
    assert time.monotonic() - started < 60


def test_a_remote_that_hangs_after_copying_is_given_up_and_what_was_copied_is_named(
    call: Caller, workspace: Workspace, git_server: GitServer, built: dict[str, str], registry: Proxy
) -> None:
    async def hang(request: Request) -> bytes | None:
        if request.method == "PUT":
            git_server.hang.set()
        return None

    registry.fault = hang
    try:
        error = call(*STG).error
    finally:
        git_server.hang.clear()
    assert "is the Git server up" in error
    assert_copied_is_named(error, workspace, built)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://git.example.invalid/acme/shop", "needs a token: give --git-token"),
        ("git@git.example.invalid:acme/shop.git", "is reached over SSH: give --git-ssh"),
        ("https://robot:secret7@git.example.invalid/acme/shop", "holds credentials: remove them"),
    ],
)
@pytest.mark.usefixtures("built")
def test_without_the_right_to_push_nothing_is_copied(
    call: Caller, workspace: Workspace, registry: Proxy, url: str, expected: str
) -> None:
    path = workspace.path / "pipeline.yaml"
    path.write_text(path.read_text().replace(workspace.url, url))
    error = call(*STG[:5]).error
    assert expected in error
    assert "secret7" not in error
    assert len(error.splitlines()) == 1
    assert not [request for request in registry.requests if request.writes]


def test_an_overlay_that_does_not_render_is_told_before_anything_is_copied(
    call: Caller, workspace: Workspace, built: dict[str, str], registry: Proxy
) -> None:
    base = workspace.path / "manifests/backend/base/kustomization.yaml"
    base.write_text(base.read_text().replace("deployment.yaml", "gone.yaml"))
    workspace.push("Break the backend's base")
    before = workspace.commits()
    assert "gone.yaml" in call(*STG).error
    assert not [request for request in registry.requests if request.writes]
    assert workspace.commits() == before


def test_a_registry_that_cuts_a_copy_is_told_and_the_next_run_finishes(
    call: Caller, workspace: Workspace, built: dict[str, str], registry: Proxy, images: Registry
) -> None:
    async def cut(request: Request) -> bytes | None:
        return b"" if request.method in {"POST", "PUT"} else None

    registry.fault = cut
    before = workspace.commits()
    assert "to stg (copied: nothing; nothing was committed, run again) failed" in call(*STG).error
    assert workspace.commits() == before
    registry.clear()
    assert call(*STG).code == 0
    assert all(images.digest(f"stg-{workspace.project}-{name}", "v1.2.3") == digest for name, digest in built.items())
