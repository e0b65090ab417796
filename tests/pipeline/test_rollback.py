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
        assert message[0] == f"rollback(stg): {workspace.project} back to {tag} (backend)"
        assert "Reason: it was broken" in message
    assert not [request for request in registry.requests if request.writes]
    assert "stg has no state before this one to go back to (backend ran v1.0.0, v1.1.0, v1.2.0)" in call(*BACK).error


def test_a_version_that_ran_can_be_chosen(history: History) -> None:
    _, call, digests = history
    report = call(*BACK, "--to", "v1.2.0").json
    assert report["services"][0]["digest"] == digests["v1.2.0"]
    assert call(*BACK, "--to", "v1.2.0").json["changed"] is False
    assert "stg never ran 'v9.0.0' of backend (backend ran v1.2.0" in call(*BACK, "--to", "v9.0.0").error
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
    error = history[1]("rollback", "--target-env", "dev", *TOKEN).error
    assert "dev receives builds, there is no promotion to roll back" in error


def test_services_go_back_together_and_past_a_move_of_the_registry(
    call: Caller, workspace: Workspace, images: Registry
) -> None:
    digests = {}
    for service in ("backend", "frontend"):
        repository = f"stg-{workspace.project}-{service}"
        digests[service] = {tag: images.seed(repository, tag, f"{service} {tag}") for tag in ("v1.0.0", "v1.1.0")}
        for tag in ("v1.0.0", "v1.1.0"):
            workspace.pin(service, "stg", f"old.example.com/{repository}", tag, digests[service][tag])
            workspace.push(f"{service} {tag}")
    place = images.seed(f"stg-{workspace.project}-backend", "v1.2.0", "v1.2.0")
    workspace.pin("backend", "stg", f"old.example.com/stg-{workspace.project}-backend", "v1.2.0", place)
    workspace.push("The backend alone")
    back = ("rollback", "--target-env", "stg", *TOKEN, "--format", "json")
    rows = call(*back, "--dry-run").json["services"]
    assert [row["target"].rpartition(":")[2] for row in rows] == ["v1.1.0", "v1.1.0"]
    assert [row["digest"] for row in rows] == [digests[row["service"]]["v1.1.0"] for row in rows]
    assert not any("old.example.com" in row["target"] for row in rows)


def test_a_pin_that_could_forge_a_commit_is_refused_by_its_file_and_not_gone_back_to(
    call: Caller, workspace: Workspace, images: Registry
) -> None:
    repository, path = f"stg-{workspace.project}-backend", "manifests/backend/overlays/stg/kustomization.yaml"
    digests = [images.seed(repository, tag, tag) for tag in ("v1.0.0", "v1.1.0", "v1.2.0")]
    workspace.pin("backend", "stg", repository, "v1.0.0", digests[0])
    workspace.push("v1.0.0")
    workspace.pin("backend", "stg", repository, r'"v9 x\n\nForced: evil"', digests[1])
    workspace.push("Something else")
    error = call(*BACK).error
    assert f"{path} has newTag: 'v9 x\\n\\nForced: evil' for backend, which is no tag" in error
    assert len(error.splitlines()) == 1
    workspace.pin("backend", "stg", repository, '""', digests[1])
    workspace.push("No tag")
    workspace.pin("backend", "stg", repository, "v1.2.0", digests[2])
    workspace.push("v1.2.0")
    assert call(*BACK).json["version"] == "v1.0.0"
    assert workspace.message().splitlines()[2] == "backend  v1.2.0 -> v1.0.0"


def test_status_tells_what_runs_where_and_whether_the_registry_agrees(call: Caller, workspace: Workspace,
                                                                      images: Registry) -> None:  # fmt: skip
    digest = images.seed(f"dev-{workspace.project}-backend", "v2.0.0")
    images.seed(f"prod-{workspace.project}-backend", "v1.9.0", "older")
    older = images.digest(f"prod-{workspace.project}-backend", "v1.9.0")
    overlay = workspace.path / "manifests/backend/overlays/prod/kustomization.yaml"
    repository = f"{call.arguments[1]}/prod-{workspace.project}-backend"
    workspace.pin("backend", "prod", repository, "v1.9.0", older)
    overlay.write_text(overlay.read_text().replace("  newTag: v1.9.0\n", ""))
    workspace.push("Pin prod by digest")
    assert call("promote", "--version", "v2.0.0", "--target-env", "stg", *BACKEND, *TOKEN).code == 0
    report = call("status", *TOKEN, "--format", "json").json
    environments = {environment["name"]: environment["services"] for environment in report["environments"]}
    assert list(environments) == ["dev", "stg", "prod"]
    assert environments["stg"][0] == {
        "service": "backend", "version": "v2.0.0", "digest": digest, "registry": "agrees",
    }  # fmt: skip
    assert environments["prod"][0] == {
        "service": "backend", "version": None, "digest": older, "registry": "agrees",
    }  # fmt: skip
    assert environments["prod"][1].pop("registry").startswith("not asked: pinned in ")
    assert environments["prod"][1] == {"service": "frontend", "version": "v0.0.0", "digest": None}
    checkout = call("status").stdout  # without a Git credential: as the checkout has it
    assert "v2.0.0" not in checkout
    images.delete(f"stg-{workspace.project}-backend", digest)
    (note,) = [line for line in call("status", *TOKEN).stdout.splitlines() if "missing" in line]
    assert note == "! backend in stg: missing in the registry"
