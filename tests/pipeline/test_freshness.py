"""What a call says and does is of now, whatever calls before it, in other sessions, have left with the engine."""

from support.calls import Caller
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import Workspace

TOKEN = ("--git-token", "env://GIT_TOKEN")
STG = ("--version", "v1.2.3", "--target-env", "stg", *TOKEN)
SERVICES = ("backend", "frontend")


def versions(call: Caller, environment: str) -> dict[str, str]:
    """Return what the branch says an environment runs, by service."""
    report = call("status", *TOKEN, "--format", "json").json
    [found] = [one for one in report["environments"] if one["name"] == environment]
    return {one["service"]: one["version"] for one in found["services"]}


def test_an_image_that_was_deleted_is_pushed_again(call: Caller, workspace: Workspace, images: Registry) -> None:
    build = ("build", "--tag", "v1.2.3", "--push", "--services", "backend", "--format", "json")
    repository = f"dev-{workspace.project}-backend"
    [first] = call(*build).json["images"]
    images.delete(repository, first["digest"])
    assert not images.digest(repository, "v1.2.3")
    [again] = call(*build).json["images"]
    assert again["digest"] == first["digest"] == images.digest(repository, "v1.2.3")


def test_an_image_that_was_deleted_is_copied_again(call: Caller, workspace: Workspace, images: Registry) -> None:
    digests = {name: images.seed(f"dev-{workspace.project}-{name}", "v1.2.3") for name in SERVICES}
    assert call("promote", *STG).code == 0
    images.delete(f"stg-{workspace.project}-backend", digests["backend"])
    report = call("promote", *STG, "--format", "json").json
    assert {one["service"]: one["copied"] for one in report["services"]} == {"backend": True, "frontend": False}
    assert images.digest(f"stg-{workspace.project}-backend", "v1.2.3") == digests["backend"]


def test_what_others_commit_is_seen_by_the_next_status_and_plan(
    call: Caller, workspace: Workspace, images: Registry, registry: Proxy
) -> None:
    digests = {name: images.seed(f"dev-{workspace.project}-{name}", "v1.2.3") for name in SERVICES}
    assert versions(call, "dev") == {"backend": "v0.0.0", "frontend": "v0.0.0"}
    workspace.update_dev("backend", "v7.0.0")
    assert versions(call, "dev") == {"backend": "v7.0.0", "frontend": "v0.0.0"}

    def previous() -> dict[str, str]:
        services = call("promote", *STG, "--dry-run", "--format", "json").json["services"]
        return {one["service"]: one["previous"] for one in services}

    assert previous() == {"backend": "v0.0.0", "frontend": "v0.0.0"}
    address = f"localhost:{registry.port}/stg-{workspace.project}-frontend"
    workspace.pull()
    workspace.pin("frontend", "stg", address, "v1.0.0", digests["frontend"])
    workspace.push("Let stg run another frontend")
    assert previous() == {"backend": "v0.0.0", "frontend": "v1.0.0"}
