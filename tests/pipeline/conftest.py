"""Servers for the module's tests: a registry with a password, a Git remote with tokens, an engine's session."""

import itertools
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import dagger
import pytest
from support.calls import Caller
from support.git_http import GitServer
from support.github import GitHub
from support.github_pulls import Pulls
from support.proxy import Proxy
from support.registry import Registry, serving
from support.workspace import Workspace, make

USER = "robot"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def password() -> str:
    return secrets.token_urlsafe(24)


@pytest.fixture(scope="session")
async def registry_server(dag: dagger.Client, password: str) -> AsyncIterator[Proxy]:
    """A registry that demands the password, behind the proxy; the tests ask it through another one, without a log."""
    async with serving(dag, USER, password) as address:
        direct = Proxy(address)
        with direct.serving():
            proxy = Proxy(("127.0.0.1", direct.port))
            with proxy.serving():
                yield proxy


@pytest.fixture
def registry(registry_server: Proxy) -> Iterator[Proxy]:
    """The registry, with an empty log and no faults."""
    registry_server.clear()
    yield registry_server
    registry_server.clear()


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    server = GitServer(tmp_path_factory.mktemp("git"), secrets.token_urlsafe(24), secrets.token_urlsafe(24))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def github_server(git_server: GitServer) -> Iterator[GitHub]:
    """GitHub's API; it takes the same tokens as the Git server does."""
    server = GitHub(git_server.writer, git_server.reader, Pulls(git_server.root))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def github(github_server: GitHub) -> Iterator[GitHub]:
    """GitHub's API, without requests and faults."""
    github_server.clear()
    yield github_server
    github_server.clear()


_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def new_workspace(git_server: GitServer) -> Callable[..., Workspace]:
    """Makes workspaces: each with its own remote, in a folder of its owner if it has one, and image repositories."""

    def new(owner: str = "", **options: Any) -> Workspace:
        where, url = (
            (git_server.root / owner, f"{git_server.url}/{owner}") if owner else (git_server.root, git_server.url)
        )
        return make(where, url, f"shop{next(_numbers)}", **options)

    return new


@pytest.fixture
def workspace(new_workspace: Callable[..., Workspace]) -> Workspace:
    return new_workspace()


@pytest.fixture(scope="session")
def new_caller(registry_server: Proxy, git_server: GitServer, password: str) -> Callable[[Workspace], Caller]:
    """Makes callers with the right to do everything."""
    address = f"localhost:{registry_server.port}"
    arguments = [
        "--registry", address, "--registry-service", f"tcp://{address}",
        "--registry-username", USER, "--registry-password", "env://REGISTRY_PASSWORD",
    ]  # fmt: skip

    def new(workspace: Workspace) -> Caller:
        secrets = {"REGISTRY_PASSWORD": password, "GIT_TOKEN": git_server.writer}
        return Caller(workspace.path, tuple(arguments), secrets, git_server.url.removeprefix("http://"))

    return new


@pytest.fixture
def call(workspace: Workspace, new_caller: Callable[[Workspace], Caller], registry: Proxy) -> Caller:
    return new_caller(workspace)


@pytest.fixture(scope="session")
def images(registry_server: Proxy, password: str) -> Registry:
    """What the registry holds; asked past the proxy, so that its log shows only what the module did."""
    return Registry(registry_server.target, USER, password)
