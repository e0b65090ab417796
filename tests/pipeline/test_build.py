"""`build`: what it makes, where it pushes, what it refuses."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.calls import Caller
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import Workspace, git


def test_a_build_reports_both_images_and_pushes_nothing(call: Caller, registry: Proxy) -> None:
    report = call("build", "--tag", "v1.2.3", "--format", "json").json
    assert report["tag"] == "v1.2.3"
    assert report["pushed"] is False
    assert [image["service"] for image in report["images"]] == ["backend", "frontend"]
    for image in report["images"]:
        assert set(image) == {"service", "reference", "digest", "size", "platforms"}
        assert image["digest"].startswith("sha256:")
        assert image["size"] > 0
        assert image["platforms"] == ["linux/amd64"]
    assert not registry.requests


def test_a_repeat_has_the_same_digests_and_an_edit_changes_only_its_service(call: Caller, workspace: Workspace) -> None:
    def digests() -> dict[str, str]:
        images = call("build", "--tag", "v1.2.3", "--format", "json").json["images"]
        return {image["service"]: image["digest"] for image in images}

    first = digests()
    assert digests() == first
    (workspace.path / "services/backend/content").write_text("changed\n")
    changed = digests()
    assert changed["frontend"] == first["frontend"]
    assert changed["backend"] != first["backend"]


def test_the_reports_for_people_are_a_text_and_a_markdown_table(call: Caller) -> None:
    text = call("build", "--tag", "v1.2.3", "--services", "backend").stdout.splitlines()
    assert text[0].split() == ["SERVICE", "REFERENCE", "DIGEST", "SIZE", "PLATFORMS"]
    assert text[1].split()[0] == "backend"
    assert len(text) == 2
    markdown = call("build", "--tag", "v1.2.3", "--services", "backend", "--format", "markdown").stdout.splitlines()
    assert markdown[1] == "| --- | --- | --- | --- | --- |"


def test_a_push_puts_labelled_images_where_the_first_environment_looks(
    call: Caller, workspace: Workspace, images: Registry
) -> None:
    report = call("build", "--tag", "v1.2.3", "--push", "--format", "json").json
    assert report["pushed"] is True
    for image in report["images"]:
        repository = f"dev-{workspace.project}-{image['service']}"
        assert image["reference"].endswith(f"/{repository}:v1.2.3")
        assert images.digest(repository, "v1.2.3") == image["digest"]
        labels = images.config(repository, "v1.2.3")["config"]["Labels"]
        assert labels["version"] == "v1.2.3"  # from the build argument
        assert {name: value for name, value in labels.items() if "." in name} == {
            "org.opencontainers.image.title": f"{workspace.project}-{image['service']}",
            "org.opencontainers.image.version": "v1.2.3",
            "org.opencontainers.image.source": workspace.url,
            "org.opencontainers.image.revision": git(workspace.path, "rev-parse", "HEAD"),
            "org.opencontainers.image.created": "2026-01-02T03:04:05Z",
        }


def test_each_push_really_asks_the_registry(call: Caller, registry: Proxy) -> None:
    for _ in range(2):
        registry.clear()
        call("build", "--tag", "v1.2.3", "--push", "--services", "backend", "--format", "json").json  # noqa: B018
        assert registry.requests


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2", "v1.2.3; touch pwned", "../x", "", "v1.2.3\nx"])
def test_a_tag_that_is_none_is_refused_in_one_line(call: Caller, tag: str, workspace: Workspace) -> None:
    error = call("build", f"--tag={tag}").error
    assert "is no release tag: write vMAJOR.MINOR.PATCH" in error
    assert len(error.splitlines()) == 1
    assert not list(workspace.path.rglob("pwned"))


def test_a_service_that_does_not_exist_is_refused_with_those_that_do(call: Caller) -> None:
    assert (
        "no service 'nope': choose from backend, frontend"
        in call("build", "--tag", "v1.2.3", "--services", "nope").error
    )


def test_a_broken_description_is_refused_with_all_its_mistakes(call: Caller, workspace: Workspace) -> None:
    path = workspace.path / "pipeline.yaml"
    path.write_text(path.read_text().replace("branch: main", 'branch: "-"\nbranche: main'))
    lines = call("build", "--tag", "v1.2.3").error.splitlines()
    assert ["branch:" in lines[0], "branche:" in lines[1], len(lines)] == [True, True, 2]


def test_a_missing_dockerfile_is_refused_with_its_path(call: Caller, workspace: Workspace) -> None:
    (workspace.path / "services/backend/Dockerfile").unlink()
    assert "there is no services/backend/Dockerfile: create it" in call("build", "--tag", "v1.2.3").error


def test_a_failing_step_is_shown_with_its_last_output_and_nothing_is_pushed(
    call: Caller, workspace: Workspace, registry: Proxy
) -> None:
    dockerfile = "FROM busybox:1.37\nRUN echo first && echo it-broke-here >&2 && exit 7\n"
    (workspace.path / "services/frontend/Dockerfile").write_text(dockerfile)
    error = call("build", "--tag", "v1.2.3", "--push").error
    assert "frontend: building failed" in error
    assert "it-broke-here" in error
    assert not [request for request in registry.requests if request.writes]


def test_a_step_that_fails_in_an_earlier_stage_is_told_by_its_command_and_output(
    call: Caller, workspace: Workspace
) -> None:
    dockerfile = """\
FROM busybox:1.37 AS first
RUN echo it-broke-here >&2; exit 7
FROM busybox:1.37
COPY --from=first /etc/passwd /copied
"""
    (workspace.path / "services/backend/Dockerfile").write_text(dockerfile)
    error = call("build", "--tag", "v1.2.3", "--services", "backend").error
    assert error.splitlines() == [
        "BuildFailed: backend: building failed: 'echo it-broke-here >&2; exit 7' ended with exit code 7",
        "  it-broke-here",
    ]


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM busybox:1.37\nCOPY not-there /copied\n", "not-there"),
        ("FROM busybox:1.37\nRUN exit 130\n", "'exit 130' ended with exit code 130"),
        ("FROM busybox:1.37\nRUNN true\n", "RUNN"),
        ("FROM scratch\nLABEL a=b\n", "the image has no layer"),
        ("FROM busybox:1.37\nRUN --mount=type=bind,rw,target=/src true\n", "has --mount=type=bind,rw,target=/src"),
    ],
)
def test_what_an_engine_cannot_build_is_told_in_one_readable_line(
    call: Caller, workspace: Workspace, dockerfile: str, expected: str
) -> None:
    (workspace.path / "services/backend/Dockerfile").write_text(dockerfile)
    error = call("build", "--tag", "v1.2.3", "--services", "backend").error
    assert error.startswith("BuildFailed: backend: ")
    assert expected in error
    assert len(error.splitlines()) == 1
    assert len(error) < 400
    assert not [word for word in ("traceparent", "rpc error", "xxh3:", "load ") if word in error]


def test_what_is_built_for_another_platform_says_so_or_is_refused(call: Caller) -> None:
    line = ("build", "--tag", "v1.2.3", "--services", "backend", "--format", "json")
    for platforms in (["linux/arm64"], ["linux/amd64", "linux/arm64"]):
        built = call(*line, "--platforms", ",".join(platforms))
        if built.code:
            assert "asked for linux/arm64, the engine built what says it is for linux/amd64" in built.error
        else:
            assert built.json["images"][0]["platforms"] == platforms


def test_two_builds_at_once_each_get_their_own_secret(
    new_workspace: Callable[[], Workspace], new_caller: Callable[[Workspace], Caller]
) -> None:
    calls = []
    for number in range(2):
        workspace, value = new_workspace(), f"secret-value-{number}"
        expected = hashlib.sha256(value.encode()).hexdigest()
        description = workspace.path / "pipeline.yaml"
        more = f"context: services/backend, secrets: [token], args: {{EXPECTED: {expected}}}"
        description.write_text(description.read_text().replace("context: services/backend", more))
        (workspace.path / "services/backend/Dockerfile").write_text("""\
FROM busybox:1.37
ARG EXPECTED
RUN --mount=type=secret,id=token,required \\
    test "$(sha256sum /run/secrets/token | cut -d ' ' -f 1)" = "$EXPECTED" && echo right > /said
""")
        calls.append((new_caller(workspace), value))
    line = ("build", "--tag", "v1.2.3", "--services", "backend", "--build-secret", "env://token")
    with ThreadPoolExecutor(2) as pool:
        built = [pool.submit(call, *line, token=value) for call, value in calls]
    assert [one.result().stderr for one in built if one.result().code] == []


def test_a_base_image_that_exists_nowhere_is_named(call: Caller, workspace: Workspace) -> None:
    (workspace.path / "services/backend/Dockerfile").write_text("FROM localhost:1/nowhere:1\n")
    error = call("build", "--tag", "v1.2.3", "--services", "backend").error
    assert "backend: building failed" in error
    assert "localhost:1/nowhere:1" in error


def test_a_registry_that_is_down_is_named(call: Caller) -> None:
    bare = Caller(call.path, ("--registry", "localhost:1", *call.arguments[4:]), call.secrets)
    called = bare("build", "--tag", "v1.2.3", "--push", "--services", "backend")
    error = called.error
    assert (
        "is pushed over whatever is there: to have it asked, give --registry-service tcp://localhost:1" in called.stderr
    )
    assert "backend: pushing localhost:1/" in error
    assert "is the registry up" in error


def test_a_wrong_password_is_refused_and_not_shown(call: Caller) -> None:
    secret = "not-the-password-9"
    error = call("build", "--tag", "v1.2.3", "--push", "--services", "backend", REGISTRY_PASSWORD=secret).error
    assert "check --registry-username, --registry-password" in error
    assert secret not in error


def test_an_empty_password_is_refused(call: Caller) -> None:
    assert (
        "the secret of --registry-password is empty"
        in call("build", "--tag", "v1.2.3", "--push", REGISTRY_PASSWORD="\n").error
    )


def test_a_password_may_end_its_line(call: Caller, password: str) -> None:
    called = call("build", "--tag", "v1.2.3", "--push", "--services", "backend", REGISTRY_PASSWORD=f"{password}\n")
    assert called.code == 0, called.stderr


def test_without_a_history_nothing_is_made_up(call: Caller, workspace: Workspace, tmp_path: Path) -> None:
    (workspace.path / ".git").rename(tmp_path / "git")
    report = call("--source", ".", "build", "--tag", "v1.2.3", "--services", "backend", "--format", "json").json
    assert report["images"][0]["digest"]
