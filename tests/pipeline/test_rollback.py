"""`rollback` and `status`: back to what ran before, and what runs now."""

from collections.abc import Callable

import pytest
from support.calls import Caller
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import Workspace

TOKEN = ("--git-token", "env://GIT_TOKEN")
BACKEND = ("--services", "backend")
BACK = ("rollback", "--target-env", "stg", *BACKEND, *TOKEN, "--format", "json")


@pytest.fixture(scope="session")
def history(
    new_workspace: Callable[[], Workspace],
    new_caller: Callable[[Workspace], Caller],
    images: Registry,
) -> tuple[Workspace, Caller, dict[str, str]]:
    """A backend whose stg ran v1.0.0, v1.1.0 and v1.2.0; the digests by tag."""
    workspace = new_workspace()
    call = new_caller(workspace)
    overlay = workspace.path / "manifests/backend/overlays/stg/kustomization.yaml"
    text = overlay.read_bytes()
    for content in (b"# caf\xe9\n" + text, text):  # what was never UTF-8 is no reason not to go back
        overlay.write_bytes(content)
        workspace.push("Edit in another encoding, and back")
    digests = {}
    for tag in ("v1.0.0", "v1.1.0", "v1.2.0"):
        digests[tag] = images.seed(f"dev-{workspace.project}-backend", tag, tag)
        assert call("promote", "--version", tag, "--target-env", "stg", *BACKEND, *TOKEN).code == 0
    return workspace, call, digests


History = tuple[Workspace, Caller, dict[str, str]]


def test_a_rollback_pins_what_ran_before_and_a_second_one_what_ran_before_that(
    history: History, registry: Proxy
) -> None:
    workspace, call, digests = history
    commits = len(workspace.commits())
    plan = call(*BACK, "--dry-run").json
    assert (plan["version"], plan["dry_run"], plan["commit"]) == ("v1.1.0", True, None)
    assert len(workspace.commits()) == commits
    for tag, before in (("v1.1.0", "v1.2.0"), ("v1.0.0", "v1.1.0")):
        report = call(*BACK, "--reason", "it was broken").json
        assert (report["version"], report["environment"], report["from"]) == (tag, "stg", "stg")
        [service] = report["services"]
        assert (service["digest"], service["previous"], service["copied"]) == (digests[tag], before, False)
        assert report["commit"] == workspace.commits()[0]
        message = workspace.message().splitlines()
        assert message[0] == f"rollback(stg): {workspace.project} {tag}"
        assert "Reason: it was broken" in message
    assert not [request for request in registry.requests if request.writes]
    assert "backend: stg has no version to go back to" in call(*BACK).error


def test_a_version_that_ran_can_be_chosen(history: History) -> None:
    _, call, digests = history
    report = call(*BACK, "--to", "v1.2.0").json
    assert report["services"][0]["digest"] == digests["v1.2.0"]
    assert call(*BACK, "--to", "v1.2.0").json["changed"] is False
    assert "stg never ran 'v9.0.0', only" in call(*BACK, "--to", "v9.0.0").error
    assert "is no release tag" in call(*BACK, "--to", "main").error


def test_a_digest_that_the_registry_lost_is_not_gone_back_to(history: History, images: Registry) -> None:
    workspace, call, digests = history
    assert call(*BACK, "--to", "v1.2.0").code == 0
    images.delete(f"stg-{workspace.project}-backend", digests["v1.1.0"])
    before = workspace.commits()
    error = call(*BACK, "--to", "v1.1.0").error
    assert "the registry no longer has backend: " in error
    assert digests["v1.1.0"] in error
    assert workspace.commits() == before


def test_the_first_environment_is_not_rolled_back_here(history: History) -> None:
    assert "dev receives builds" in history[1]("rollback", "--target-env", "dev", *TOKEN).error


def test_status_tells_what_runs_where_and_whether_the_registry_agrees(call: Caller, workspace: Workspace,
                                                                      images: Registry) -> None:  # fmt: skip
    digest = images.seed(f"dev-{workspace.project}-backend", "v2.0.0")
    assert call("promote", "--version", "v2.0.0", "--target-env", "stg", *BACKEND, *TOKEN).code == 0
    report = call("status", *TOKEN, "--format", "json").json
    environments = {environment["name"]: environment["services"] for environment in report["environments"]}
    assert list(environments) == ["dev", "stg", "prod"]
    assert environments["stg"][0] == {
        "service": "backend", "version": "v2.0.0", "digest": digest, "registry": "agrees",
    }  # fmt: skip
    assert environments["prod"][1] == {
        "service": "frontend", "version": "v0.0.0", "digest": None, "registry": "missing",
    }  # fmt: skip
    checkout = call("status").stdout  # without a Git credential: as the checkout has it
    assert "v2.0.0" not in checkout
    images.delete(f"stg-{workspace.project}-backend", digest)
    assert "missing" in call("status", *TOKEN).stdout.splitlines()[3]
