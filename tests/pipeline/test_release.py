"""`build --push` of a release: what is released stays as it is, and what Git has is what is released."""

import pytest
from support.calls import Caller
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import Workspace, git

PUSH = ("build", "--tag", "v1.2.3", "--push")


def repository(workspace: Workspace, service: str) -> str:
    return f"dev-{workspace.project}-{service}"


def break_build(workspace: Workspace) -> None:
    for service in ("backend", "frontend"):
        (workspace.path / f"services/{service}/Dockerfile").write_text("FROM busybox:1.37\nRUN exit 7\n")


def test_a_released_tag_is_not_overwritten_by_another_commit(
    call: Caller, workspace: Workspace, images: Registry
) -> None:
    digests = {image["service"]: image["digest"] for image in call(*PUSH, "--format", "json").json["images"]}
    old = git(workspace.path, "rev-parse", "HEAD")
    git(workspace.path, "commit", "--quiet", "--allow-empty", "--message=More")
    break_build(workspace)  # it is refused before anything is built
    error = call(*PUSH, "--services", "backend").error
    assert f"{repository(workspace, 'backend')}:v1.2.3 is there already as {digests['backend']}" in error
    assert f"built from {old}, not from {git(workspace.path, 'rev-parse', 'HEAD')}: a released tag is never" in error
    assert images.digest(repository(workspace, "backend"), "v1.2.3") == digests["backend"]


def test_the_noun_overwrites_no_released_tag_either(call: Caller, workspace: Workspace, images: Registry) -> None:
    publish = ("images", "--tag", "v1.2.3", "--services", "backend", "publish")
    published = call(*publish).stdout.strip()
    digest = images.digest(repository(workspace, "backend"), "v1.2.3")
    assert published.endswith(f"{repository(workspace, 'backend')}:v1.2.3@{digest}")
    assert call(*publish).stdout.strip() == published
    git(workspace.path, "commit", "--quiet", "--allow-empty", "--message=More")
    assert "a released tag is never overwritten" in call(*publish).error


def test_a_release_that_failed_half_way_can_be_repeated(
    call: Caller, workspace: Workspace, images: Registry, registry: Proxy
) -> None:
    first = call(*PUSH, "--services", "backend", "--format", "json").json["images"][0]
    assert "already_there" not in first
    (workspace.path / "services/backend/content").write_text("not reproducible\n")
    registry.clear()
    found = {image["service"]: image for image in call(*PUSH, "--format", "json").json["images"]}
    assert (found["backend"]["digest"], found["backend"]["already_there"]) == (first["digest"], True)
    assert "already_there" not in found["frontend"]
    assert images.digest(repository(workspace, "backend"), "v1.2.3") == first["digest"]
    assert images.digest(repository(workspace, "frontend"), "v1.2.3")
    assert not [request for request in registry.requests if request.writes and "backend" in request.path]
    again = call(*PUSH)
    assert again.code == 0, again.stderr
    assert [line.endswith("already there") for line in again.stdout.splitlines()] == [False, True, True]


def test_a_wrong_password_is_found_before_the_build(call: Caller, workspace: Workspace) -> None:
    break_build(workspace)
    error = call(*PUSH, REGISTRY_PASSWORD="wrong-9").error
    assert "check --registry-username, --registry-password" in error
    assert "building failed" not in error


def test_a_release_is_compared_with_git(call: Caller, workspace: Workspace) -> None:
    strict = (*PUSH, "--strict", "--services", "backend")
    missing = "v1.2.3 is no Git tag here: create it, or fetch it with git fetch --tags"
    assert call(*strict).error.endswith(missing)
    called = call(*PUSH, "--services", "backend")
    assert (called.code, f"warning: {missing}" in called.stderr) == (0, True)

    tagged = git(workspace.path, "rev-parse", "HEAD")
    git(workspace.path, "tag", "--annotate", "--message=x", "v1.2.3")
    git(workspace.path, "commit", "--quiet", "--allow-empty", "--message=More")
    head = git(workspace.path, "rev-parse", "HEAD")
    (workspace.path / "services/backend/content").write_text("changed\n")
    (workspace.path / "services/frontend/content").write_text("of another service\n")
    (workspace.path / "services/backend/node_modules").mkdir()
    error = call(*strict).error
    assert f"the Git tag v1.2.3 is at {tagged[:12]}, not at {head[:12]}" in error
    assert "\nservices/backend/content: changed but not committed" in error
    assert len(error.splitlines()) == 2


def test_what_git_has_under_the_tag_is_pushed_strictly(call: Caller, workspace: Workspace) -> None:
    (workspace.path / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    large = workspace.path / "services/backend/large.bin"
    large.write_text("version https://git-lfs.github.com/spec/v1\n")  # the pointer, and then what it points to
    git(workspace.path, "add", "--all")
    workspace.push("Add a large file")
    large.write_text("large\n")
    git(workspace.path, "tag", "v1.2.3")
    called = call(*PUSH, "--strict", "--services", "backend")
    assert (called.code, "warning" in called.stderr) == (0, False)


@pytest.mark.parametrize("names", [("--services", "backend"), ()])
def test_without_push_nothing_is_compared(call: Caller, workspace: Workspace, names: tuple[str, ...]) -> None:
    (workspace.path / "services/backend/content").write_text("changed\n")
    called = call("build", "--tag", "v1.2.3", *names)
    assert (called.code, "warning" in called.stderr) == (0, False)
