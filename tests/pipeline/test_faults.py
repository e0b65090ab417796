"""What happens when others fail: servers that refuse or hang, copies that are cut."""

import stat
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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
    assert last.startswith(("Copied already: ", "Copied, as far as crane says: "))
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
    error = replace(call, git="")(*STG[:5]).error
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


def test_what_crane_copied_is_named_when_the_registry_cannot_be_asked_afterwards(
    call: Caller, workspace: Workspace, built: dict[str, str], registry: Proxy
) -> None:
    copied: set[str] = set()

    async def lock_out(request: Request) -> bytes | None:
        if request.method == "PUT" and "/manifests/" in request.path:
            copied.add(request.path)
        elif len(copied) == len(built):
            return b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        return None

    registry.fault = lock_out
    before = workspace.commits()
    error = call(*STG).error
    assert_copied_is_named(error, workspace, built)
    assert "check --registry-username" in error
    assert "nothing was committed" in error
    assert workspace.commits() == before


def test_a_token_is_not_taken_along_to_where_a_server_redirects(
    call: Caller, workspace: Workspace, built: dict[str, str]
) -> None:
    asked: list[str] = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{server.server_port}/elsewhere{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        description = workspace.path / "pipeline.yaml"
        url = f"http://localhost:{server.server_port}/shop.git"
        description.write_text(description.read_text().replace(workspace.url, url))
        error = replace(call, git=f"localhost:{server.server_port}")(*STG).error
        server.shutdown()
    assert "the repository has moved" in error
    assert not [path for path in asked if "elsewhere" in path]


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
