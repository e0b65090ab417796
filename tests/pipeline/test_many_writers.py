"""Many promotions at once, beside other writers."""

import itertools
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import dagger
import pytest
from support import engine
from support.calls import Caller
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import Workspace, git

from pipeline.git import Access, remote
from pipeline.tools import toolbox

# Of Dagger's engine each call loads the module: twenty at once are over its patience on two cores.
SERVICES = 3 if engine.DAGGER else 10
TOKEN = ("--git-token", "env://GIT_TOKEN")


@pytest.mark.slow
def test_twenty_promotions_at_once_all_land_beside_another_writer(
    new_workspace: Callable[..., Workspace],
    new_caller: Callable[[Workspace], Caller],
    images: Registry,
    registry: Proxy,
) -> None:
    names = [f"service{number}" for number in range(SERVICES)]
    workspace = new_workspace(services=names)
    call = new_caller(workspace)
    address = f"localhost:{registry.port}"
    for name, environment in itertools.product(names, ("dev", "stg")):
        digest = images.seed(f"{environment}-{workspace.project}-{name}", "v1.0.0", name)
        if environment == "stg":
            workspace.pin(name, environment, f"{address}/stg-{workspace.project}-{name}", "v1.0.0", digest)
        else:
            images.seed(f"dev-{workspace.project}-{name}", "v1.2.3", f"{name} newer")
    workspace.push("Let stg run v1.0.0")
    before = workspace.commits()
    versions = {"stg": "v1.2.3", "prod": "v1.0.0"}
    force = ("--force", "--reason", "stg moves on meanwhile", *TOKEN)
    others: list[str] = []
    with ThreadPoolExecutor(20) as pool:
        calls = [
            pool.submit(call, "promote", "--version", tag, "--target-env", environment, "--services", name, *force)
            for name, (environment, tag) in itertools.product(names, versions.items())
        ]
        while not all(one.done() for one in calls):
            others.append(workspace.update_dev(names[len(others) % len(names)], f"v1.2.{len(others)}"))
            wait([one for one in calls if not one.done()], timeout=5, return_when=FIRST_COMPLETED)
    assert [one.result().error for one in calls if one.result().code] == []
    for name, (environment, version) in itertools.product(names, versions.items()):
        assert f"newTag: {version}" in workspace.show(f"manifests/{name}/overlays/{environment}/kustomization.yaml")
    commits = workspace.commits()
    assert commits[-len(before) :] == before
    assert len(commits) == len(before) + len(calls) + len(others)
    assert set(others) <= set(commits)
    assert git(workspace.remote, "rev-list", "--merges", "main") == ""


@pytest.mark.anyio
async def test_git_tidies_no_clone_while_a_commit_is_put_on_a_newer_tip_there(dag: dagger.Client) -> None:
    """Git 2.55 does after a fetch of a hundred objects: it takes folders away that its next command writes to."""
    token = dag.set_secret("a token", "token")
    tools = await toolbox(engine.TOOLS).sync()
    there = await remote(tools, "https://git.example.com/acme/shop", "main", Access(token=token), writing=True)
    settings = await there.container.with_exec(["git", "config", "--list"]).stdout()
    assert {"maintenance.auto=false", "http.followredirects=false"} <= set(settings.split())
