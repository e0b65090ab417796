"""Servers that ask for patience, and registries that deny what is not there yet."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from support.calls import Caller
from support.git_http import GitServer
from support.proxy import Fault, Proxy, Request
from support.registry import Registry
from support.workspace import Workspace

TOKEN = ("--git-token", "env://GIT_TOKEN")
STG = ("promote", "--version", "v1.2.3", "--target-env", "stg", "--services", "backend", *TOKEN, "--format", "json")
WAIT = 2  # seconds that the servers ask for
_HEADERS = ("HTTP/1.1 429 Too Many Requests", f"Retry-After: {WAIT}", "Content-Length: 0", "Connection: close")
BUSY = "".join(f"{line}\r\n" for line in (*_HEADERS, "")).encode()


@pytest.fixture
def digest(workspace: Workspace, images: Registry) -> str:
    return images.seed(f"dev-{workspace.project}-backend", "v1.2.3")


def busy_for_a_while(asked: list[float], concerns: Callable[[Request], bool]) -> Fault:
    """Refuse what a server is asked, from the first such request until it is over what it asks for."""

    async def fault(request: Request) -> bytes | None:
        if not concerns(request):
            return None
        asked.append(time.monotonic())
        return BUSY if asked[-1] - asked[0] < WAIT else None

    return fault


def test_git_and_registry_are_waited_for_as_long_as_they_ask(
    call: Caller, workspace: Workspace, git_server: GitServer, registry: Proxy, digest: str
) -> None:
    reading: list[float] = []
    copying: list[float] = []
    pushing: list[float] = []
    registry.fault = busy_for_a_while(copying, lambda request: request.method == "POST")
    git = Proxy(("127.0.0.1", urlsplit(git_server.url).port or 0))
    read = busy_for_a_while(reading, lambda request: "git-upload-pack" in request.path)
    push = busy_for_a_while(pushing, lambda request: "git-receive-pack" in request.path)

    async def both(request: Request) -> bytes | None:
        return await read(request) or await push(request)

    git.fault = both
    with git.serving():
        path = workspace.path / "pipeline.yaml"
        path.write_text(path.read_text().replace(git_server.url, f"http://localhost:{git.port}"))
        report = Caller(call.path, call.arguments, call.secrets, f"localhost:{git.port}")(*STG).json
    assert report["services"][0]["digest"] == digest
    assert report["commit"] == workspace.commits()[0]
    for asked in (reading, copying, pushing):
        early = [at for at in asked if at - asked[0] < WAIT]
        assert len(early) < len(asked), "it was let through at last"


def test_a_repository_that_is_denied_until_its_first_push_does_not_stop_a_first_promotion(
    call: Caller, workspace: Workspace, images: Registry, registry: Proxy, digest: str
) -> None:
    target = f"stg-{workspace.project}-backend"
    denied = b'{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}'
    head = f"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: {len(denied)}\r\n"
    pushed: list[str] = []

    async def deny(request: Request) -> bytes | None:
        if request.writes:
            pushed.append(request.path)
        elif f"/{target}/manifests/" in request.path and not pushed:
            return f"{head}Connection: close\r\n\r\n".encode() + (denied if request.method == "GET" else b"")
        return None

    registry.fault = deny
    assert call(*STG).json["services"][0]["copied"] is True
    assert images.digest(target, "v1.2.3") == digest
