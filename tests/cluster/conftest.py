"""A cluster with Argo CD, given by KUBECONFIG and ARGOCD_SERVER, and what the module's commands need besides."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import dagger
import pytest
from support import image_updater
from support.calls import Caller
from support.cluster import Cluster
from support.git_http import GitServer
from support.registry import serving
from support.workspace import Workspace, make

USER = "robot"
HOST = os.environ.get("CLUSTER_HOST", "")  # this machine, as the cluster sees it; none where Argo CD runs beside it
GIVEN = [name for name in ("KUBECONFIG", "ARGOCD_SERVER") if os.environ.get(name)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.cluster)
            item.add_marker(pytest.mark.engine)
            if len(GIVEN) < 2:
                reason = "there is no cluster: KUBECONFIG and ARGOCD_SERVER (host:port of Argo CD) name one"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
async def registry(dag: dagger.Client) -> AsyncIterator[tuple[str, str]]:
    """A registry on this machine: its address and its password. Nodes that only pretend to run pods need none."""
    password = secrets.token_urlsafe(24)
    async with serving(dag, USER, password) as (host, port):
        assert host
        yield f"localhost:{port}", password


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    # Argo CD in a cluster does not see this machine's loopback: behind tokens, it is let in.
    interface = "0.0.0.0" if HOST else "127.0.0.1"  # noqa: S104
    tokens = (secrets.token_urlsafe(24), secrets.token_urlsafe(24))
    server = GitServer(tmp_path_factory.mktemp("git"), *tokens, interface=interface)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def workspace(git_server: GitServer) -> Workspace:
    return make(git_server.root, git_server.url, "myapp")


@pytest.fixture(scope="session")
def cluster(workspace: Workspace, git_server: GitServer) -> Iterator[Cluster]:
    """The cluster with the project, the applications and the clusters that they name; it is left without them."""
    found = Cluster(workspace.url.replace("localhost", HOST or "localhost"), git_server.reader, inside=bool(HOST))
    found.set_up()
    yield found
    found.take_down()


@pytest.fixture(scope="session")
def call(workspace: Workspace, registry: tuple[str, str], git_server: GitServer, cluster: Cluster) -> Caller:
    """Calls the module with the right to do everything."""
    address, password = registry
    arguments = (
        "--registry", address, "--registry-service", f"tcp://{address}",
        "--registry-username", USER, "--registry-password", "env://REGISTRY_PASSWORD", *cluster.arguments,
    )  # fmt: skip
    given = {"REGISTRY_PASSWORD": password, "GIT_TOKEN": git_server.writer, "ARGOCD_TOKEN": cluster.token}
    return Caller(workspace.path, arguments, given, git_server.url.removeprefix("http://"))


@pytest.fixture(scope="session")
def updater(
    cluster: Cluster, registry: tuple[str, str], git_server: GitServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[bool]:
    """Whether Image Updater runs: where IMAGE_UPDATER names the program; else the tests write what it would."""
    if not image_updater.PROGRAM:
        yield False
        return
    address, password = registry
    folder = tmp_path_factory.mktemp("image-updater")
    with image_updater.running(cluster, folder, address, f"{USER}:{password}", git_server.writer):
        yield True
