"""Where things may be: the pipeline in a subfolder, or elsewhere; the overlays in a repository of their own."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from support.calls import Caller
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import Workspace

MODULE = ("dagger.json", "pyproject.toml", "requirements.lock", "src")
SERVICES = ("backend", "frontend")
TOKEN = ("--git-token", "env://GIT_TOKEN")
STG = ("promote", "--version", "v1.2.3", "--target-env", "stg", *TOKEN, "--format", "json")


def _take_module(workspace: Workspace, place: Path) -> None:
    place.mkdir()
    for name in MODULE:
        (workspace.path / name).rename(place / name)


def _release(call: Caller, workspace: Workspace) -> None:
    """Build, push and promote, and see that status tells it."""
    built = call("build", "--tag", "v1.2.3", "--push", "--format", "json").json
    assert call(*STG).json["commit"] == workspace.commits()[0]
    report = call("status", *TOKEN, "--format", "json").json
    [stg] = [environment for environment in report["environments"] if environment["name"] == "stg"]
    assert {one["service"]: one["digest"] for one in stg["services"]} == {
        image["service"]: image["digest"] for image in built["images"]
    }


def test_the_pipeline_may_be_in_a_subfolder(call: Caller, workspace: Workspace, registry: Proxy) -> None:
    _take_module(workspace, workspace.path / "ci")
    _release(replace(call, arguments=("-m", "ci", *call.arguments)), workspace)


def test_the_pipeline_may_be_elsewhere_and_a_repository_have_nothing_but_its_description(
    call: Caller, workspace: Workspace, registry: Proxy, tmp_path: Path
) -> None:
    _take_module(workspace, tmp_path / "pipeline")
    elsewhere = ("-m", str(tmp_path / "pipeline"), "--source", ".")
    _release(replace(call, arguments=(*elsewhere, *call.arguments)), workspace)


def test_overlays_may_be_in_a_repository_of_their_own(
    new_workspace: Callable[[], Workspace], new_caller: Callable[[Workspace], Caller], registry: Proxy, images: Registry
) -> None:
    workspace = new_workspace()
    shutil.rmtree(workspace.path / "manifests")  # they are in the branch that `repository` names, and not here
    call = new_caller(workspace)
    _release(call, workspace)
    assert (
        call("rollback", "--target-env", "stg", "--to", "v1.2.3", *TOKEN, "--format", "json").json["changed"] is False
    )
    digest = images.digest(f"stg-{workspace.project}-backend", "v1.2.3")
    assert digest in call("plan", "--version", "v1.2.3", "--target-env", "prod", *TOKEN, "json").stdout
