"""`promote` and `plan`: what they do to the registry and the branch, and what they refuse."""

import re

import pytest
from support.calls import Caller
from support.proxy import Proxy, Request
from support.registry import Registry
from support.workspace import Workspace, git

SERVICES = ("backend", "frontend")
TOKEN = ("--git-token", "env://GIT_TOKEN")
STG = ("promote", "--version", "v1.2.3", "--target-env", "stg", *TOKEN)
NOTHING = {"count": 0, "copied": 0, "kinds": {}, "missing": ["signature", "sbom", "provenance"]}
PROD = ("promote", "--version", "v1.2.3", "--target-env", "prod", *TOKEN)


def repository(workspace: Workspace, environment: str, service: str) -> str:
    return f"{environment}-{workspace.project}-{service}"


def overlay(environment: str, service: str) -> str:
    return f"manifests/{service}/overlays/{environment}/kustomization.yaml"


@pytest.fixture
def built(workspace: Workspace, images: Registry) -> dict[str, str]:
    """The digests of v1.2.3 in dev, by service."""
    return {service: images.seed(repository(workspace, "dev", service), "v1.2.3") for service in SERVICES}


def test_a_release_walks_from_dev_to_prod_with_one_digest_and_one_commit_each(
    call: Caller, workspace: Workspace, images: Registry, built: dict[str, str], registry: Proxy
) -> None:
    before = workspace.commits()
    address = f"localhost:{registry.port}"
    for origin, target, line in (("dev", "stg", STG), ("stg", "prod", PROD)):
        report = call(*line, "--actor", "octocat", "--run-url", "https://ci.example.com/7", "--format", "json").json
        assert report["version"] == "v1.2.3"
        assert (report["from"], report["environment"]) == (origin, target)
        assert (report["dry_run"], report["changed"]) == (False, True)
        assert report["commit"] == workspace.commits()[0]
        assert "newTag: v1.2.3" in report["diff"]
        assert report["services"] == [
            {
                "service": service,
                "source": f"{address}/{repository(workspace, origin, service)}:v1.2.3",
                "target": f"{address}/{repository(workspace, target, service)}:v1.2.3",
                "digest": built[service],
                "copied": True,
                "previous": "v0.0.0",
                "referrers": NOTHING,
            }
            for service in SERVICES
        ]
        message = workspace.message()
        assert message.startswith(f"promote({target}): {workspace.project} v1.2.3\n\n")
        for trailer in ("Promoted-Version: v1.2.3", f"Promoted-To: {target}", f"Promoted-From: {origin}",
                        "Run: https://ci.example.com/7", "Actor: octocat"):  # fmt: skip
            assert trailer in message.splitlines()
        for service in SERVICES:
            name = repository(workspace, target, service)
            assert images.digest(name, "v1.2.3") == built[service]
            assert f"Image: {service}={address}/{name}:v1.2.3@{built[service]}" in message.splitlines()
            assert f"digest: {built[service]}" in workspace.show(overlay(target, service))
    assert workspace.commits()[2:] == before


def test_a_promotion_uploads_no_byte_of_a_blob(call: Caller, built: dict[str, str], registry: Proxy) -> None:
    assert call(*STG).code == 0
    written = [request for request in registry.requests if request.writes]
    assert {request.method for request in written} == {"POST", "PUT"}
    assert all("mount=" in request.path for request in written if request.method == "POST")
    assert all("/manifests/" in request.path for request in written if request.method == "PUT")


def test_a_dry_run_shows_what_would_happen_and_writes_nothing(
    call: Caller, workspace: Workspace, built: dict[str, str], registry: Proxy
) -> None:
    before = workspace.commits()
    report = call(*STG, "--dry-run", "--format", "json").json
    assert (report["dry_run"], report["changed"], report["commit"]) == (True, True, None)
    assert [service["copied"] for service in report["services"]] == [True, True]
    assert "+  newTag: v1.2.3" in report["diff"]
    assert registry.requests
    assert not [request for request in registry.requests if request.writes]
    assert workspace.commits() == before


def test_a_plan_s_changes_can_be_applied_to_the_checkout(
    call: Caller, workspace: Workspace, built: dict[str, str]
) -> None:
    plan = ("plan", *STG[1:])
    assert call("-y", *plan, "changes").code == 0
    assert sorted(git(workspace.path, "diff", "--name-only").splitlines()) == [
        overlay("stg", service) for service in SERVICES
    ]
    assert built["backend"] in (workspace.path / overlay("stg", "backend")).read_text()


def test_a_finished_promotion_has_nothing_to_do(
    call: Caller, workspace: Workspace, built: dict[str, str], registry: Proxy
) -> None:
    assert call(*STG).code == 0
    before = workspace.commits()
    registry.clear()
    again = call(*STG)
    assert again.code == 0
    assert again.stdout.rstrip().endswith("nothing to do")
    assert workspace.commits() == before
    assert registry.requests  # it was looked at, not remembered
    assert not [request for request in registry.requests if request.writes]


def test_markdown_is_a_summary_with_the_rendered_difference(call: Caller, built: dict[str, str]) -> None:
    summary = call(*STG, "--format", "markdown").stdout
    assert summary.startswith("## promote v1.2.3: dev to stg\n\n| service |")
    assert "```diff\n--- a/backend\n" in summary
    assert f":v1.2.3@{built['frontend']}" in summary


def test_some_services_can_be_promoted_alone(call: Caller, workspace: Workspace, built: dict[str, str]) -> None:
    report = call(*STG, "--services", "frontend", "--format", "json").json
    assert [service["service"] for service in report["services"]] == ["frontend"]
    assert "v1.2.3" not in workspace.show(overlay("stg", "backend"))
    assert workspace.message().startswith(f"promote(stg): {workspace.project} v1.2.3 (frontend)\n")


def test_an_older_version_is_marked_and_what_ran_before_is_gone_back_to(
    call: Caller, workspace: Workspace, images: Registry, built: dict[str, str]
) -> None:
    alone = ("--services", "backend")
    for environment in ("dev", "prod"):
        images.seed(repository(workspace, environment, "backend"), "v1.2.2", "older")
    assert call(*STG, *alone, "--reason", "the spring release").code == 0
    assert "Reason: the spring release" in workspace.message().splitlines()
    older = ("--version", "v1.2.2", *alone, *TOKEN)
    report = call("promote", *older, "--target-env", "stg")
    assert "downgrade: backend from v1.2.3 to v1.2.2" in report.stdout
    assert "backend  v1.2.3 -> v1.2.2 (downgrade)" in workspace.message().splitlines()
    assert call(*STG, *alone).code == 0
    error = call("promote", *older, "--target-env", "prod").error
    assert "first" not in error
    assert "prod has v1.2.2 from before, use rollback --target-env prod --to v1.2.2 --services backend" in error


def test_prod_before_stg_is_refused_with_what_stg_runs(
    call: Caller, workspace: Workspace, built: dict[str, str]
) -> None:
    before = workspace.commits()
    error = call(*PROD).error
    assert "backend: stg pins v0.0.0 without a digest, as no promotion does: promote v1.2.3 to stg first" in error
    assert workspace.commits() == before


def test_versions_that_were_built_are_named_instead_of_one_that_was_not(call: Caller, built: dict[str, str]) -> None:
    error = call("promote", "--version", "v9.9.9", "--target-env", "stg", *TOKEN).error
    assert "build --tag v9.9.9 --push first, or choose one of v1.2.3" in error


def test_force_skips_the_gate_and_its_reason_is_in_the_commit(
    call: Caller, workspace: Workspace, images: Registry
) -> None:
    for service in SERVICES:
        images.seed(repository(workspace, "stg", service), "v1.2.3")
    assert "stg pins v0.0.0 without a digest" in call(*PROD).error
    assert "--force needs a --reason" in call(*PROD, "--force").error
    assert call(*PROD, "--force", "--reason", "stg is down: incident 7").code == 0
    assert "Forced: stg is down: incident 7" in workspace.message().splitlines()


def test_another_digest_under_the_target_s_tag_is_refused_with_both(
    call: Caller, workspace: Workspace, images: Registry, built: dict[str, str]
) -> None:
    other = images.seed(repository(workspace, "stg", "backend"), "v1.2.3", "something else")
    error = call(*STG).error
    assert other in error
    assert built["backend"] in error
    assert images.digest(repository(workspace, "stg", "backend"), "v1.2.3") == other
    assert not images.digest(repository(workspace, "stg", "frontend"), "v1.2.3")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--version", "v9.9.9", "--target-env", "stg"), "dev has no image"),
        (("--version", "v1.2.3", "--target-env", "qa"), "no environment 'qa': choose one of dev, stg, prod"),
        (("--version", "v1.2.3", "--target-env", "dev"), "dev receives builds"),
        (("--version", "v1.2.3\nPromoted-To: prod", "--target-env", "stg"), "is no release tag"),
        (("--version", "v1.2.3", "--target-env", "stg", "--services", "x"), "choose from backend, frontend"),
        (("--version", "v1.2.3", "--target-env", "stg", "--actor", "a\nForced: b"), "--actor"),
        (("--version", "v1.2.3", "--target-env", "stg", "--force", "--reason", "a\nImage: b"), "--reason"),
        (("--version", "v1.2.3", "--target-env", "stg", "--author", "x"), "is no author"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    call: Caller, workspace: Workspace, arguments: tuple[str, ...], expected: str
) -> None:
    before = workspace.commits()
    error = call("promote", *arguments, *TOKEN, "--services", "backend").error
    assert expected in error
    assert len(error.splitlines()) == 1
    assert workspace.commits() == before


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("branch", "--upload-pack=id", "is no branch name"),
        ("branch", "main:refs/heads/other", "is no branch name"),
        ("repository", "https://robot:secret7@git.example.com/acme/shop", "holds credentials: remove them"),
        ("repository", "https://[robot:secret7@", "holds credentials: remove them"),
        ("repository", "--upload-pack=id", "is not reached over https or ssh"),
    ],
)
def test_a_description_that_could_mislead_git_is_refused_by_line_and_key(
    call: Caller, workspace: Workspace, key: str, value: str, expected: str
) -> None:
    path = workspace.path / "pipeline.yaml"
    path.write_text(re.sub(rf"(?m)^{key}: \S+", f'{key}: "{value}"', path.read_text()))
    error = call(*STG).error
    assert re.match(rf"InvalidDescription: pipeline.yaml: line \d+: {key}: .*{expected}", error)
    assert len(error.splitlines()) == 1
    assert "secret7" not in error


def test_a_service_that_fails_stops_the_commit_and_the_next_run_finishes(
    call: Caller, workspace: Workspace, built: dict[str, str], registry: Proxy
) -> None:
    before = workspace.commits()

    async def fail(request: Request) -> bytes | None:
        if request.method == "PUT" and "stg" in request.path and "frontend/manifests" in request.path:
            return b"HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        return None

    registry.fault = fail
    error = call(*STG).error
    assert "copying frontend to stg (copied: backend; nothing was committed, run again)" in error
    assert workspace.commits() == before
    registry.clear()
    report = call(*STG, "--format", "json").json
    assert {service["service"]: service["copied"] for service in report["services"]} == {
        "backend": False,
        "frontend": True,
    }
    assert len(workspace.commits()) == len(before) + 1


def test_another_writer_who_is_faster_does_not_stop_a_promotion(
    call: Caller, workspace: Workspace, built: dict[str, str], registry: Proxy
) -> None:
    # git takes the file for changed in every clone: its line ends are not as the attributes say
    (workspace.path / "notes.txt").write_bytes(b"one\r\ntwo\r\n")
    git(workspace.path, "add", "notes.txt")
    git(workspace.path, "commit", "--quiet", "--message=Add notes")
    (workspace.path / ".gitattributes").write_text("*.txt text\n")
    git(workspace.path, "add", ".gitattributes")
    git(workspace.path, "commit", "--quiet", "--message=Add attributes", "--", ".gitattributes")
    git(workspace.path, "push", "--quiet", "origin", "main")

    async def write(request: Request) -> bytes | None:
        """Commit to a dev overlay once the first manifest is copied: the clone is stale then."""
        if request.method == "PUT" and "/manifests/" in request.path and not written:
            written.append(workspace.update_dev("backend", "v1.2.3"))
        return None

    written: list[str] = []
    registry.fault = write
    assert call(*STG).code == 0
    assert written
    assert workspace.commits()[1] == written[0]  # linear, on top of the other's
    changed = git(workspace.remote, "show", "--name-only", "--format=", "main").split()
    assert changed == [f"manifests/{name}/overlays/stg/kustomization.yaml" for name in SERVICES]
