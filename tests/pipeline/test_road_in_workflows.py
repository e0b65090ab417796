"""The workflows' steps in the order of a release, with the variables and files that GitHub sets: to prod and back."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import engine
from support.actions import Ran, Runner
from support.git_http import GitServer
from support.github import GitHub
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import REPOSITORY, Workspace, git

BEFORE = "v0.9.0"  # what prod ran
SERVICES = ("backend", "frontend")
HOSTILE = "$(touch pwned)`touch pwned`;touch pwned;\"'"


@pytest.fixture
def repository(new_workspace: Callable[..., Workspace], registry: Proxy, images: Registry) -> Workspace:
    """A repository with the workflows, as they are, and something that prod runs."""
    workspace = new_workspace(owner="acme")
    shutil.copytree(REPOSITORY / ".github", workspace.path / ".github")
    git(workspace.path, "add", ".github")
    for service in SERVICES:
        name = f"prod-{workspace.project}-{service}"
        digest = images.seed(name, BEFORE, service, revision=workspace.commits()[0])
        workspace.pin(service, "prod", f"localhost:{registry.port}/{name}", BEFORE, digest)
        (workspace.path / f"services/{service}/content").write_text("hello\n")
    workspace.push("feat: say hello")
    return workspace


@pytest.fixture
def runner(  # noqa: PLR0917 - what is asked for is named by what it is
    repository: Workspace, registry: Proxy, git_server: GitServer, github: GitHub, password: str, tmp_path: Path
) -> Runner:
    hosts = [f"localhost:{registry.port}", *(each.url.removeprefix("http://") for each in (git_server, github))]
    services = zip(("--registry-service", "--git-service", "--github-service"), hosts, strict=True)
    words = [word for name, host in services for word in (name, f"tcp://{host}")]
    words += ["--registry", hosts[0], "--registry-username", "robot", "--github-api", github.url]
    secrets = {"REGISTRY_PASSWORD": password}
    return Runner(repository, tmp_path, (engine.program(), *words), secrets, git_server.writer)


def approved(runner: Runner, workflow: str, **inputs: str) -> tuple[Ran, Ran]:
    """Run a workflow as when its plan is approved; return what the plan and the change left behind."""
    given = {"services": "", "reason": "", "dry_run": False, **inputs}
    plan = runner.job(workflow, "plan", given)
    assert plan.code == 0, plan.log
    assert re.fullmatch("sha256:[0-9a-f]{64}", plan.outputs["digest"])
    done = runner.job(workflow, workflow, given, {"plan": plan})
    assert done.code == 0, done.log
    for summary in (plan.summary, done.summary):
        assert_markdown(summary, diff=True)
    return plan, done


def test_a_feature_goes_to_prod_and_back(runner: Runner, repository: Workspace) -> None:
    release = runner.job("release", "release", {})
    assert (release.code, release.outputs) == (0, {"tag": "v1.0.0"}), release.log
    assert "say hello" in release.summary

    build = runner.job("build-images", "build", release.outputs)
    assert build.code == 0, build.log
    assert_markdown(build.summary)

    for environment in ("stg", "prod"):
        plan, _ = approved(runner, "promote", version="v1.0.0", target_env=environment, reason=f"it's {HOSTILE} time")
        message = repository.message()
        assert f"it's {HOSTILE} time" in message
        assert f"https://github.com/acme/{repository.project}/actions/runs/4711" in message
        assert "octocat" in message
    assert pins(repository) == ["v1.0.0", "v1.0.0"]
    assert re.findall(r"^- .*feat: say hello.*", plan.summary, re.MULTILINE), "what reviewers let into prod"

    approved(runner, "rollback", target_env="prod", to="")
    assert pins(repository) == [BEFORE, BEFORE]
    assert not list(runner.folder.rglob("pwned"))


def pins(repository: Workspace) -> list[str]:
    """Return the tags that prod runs."""
    overlays = [repository.show(f"manifests/{each}/overlays/prod/kustomization.yaml") for each in SERVICES]
    return [re.findall(r"newTag: (.*)", text)[0] for text in overlays]


HOSTILE_INPUTS = [
    ("promote", {"version": f"v1.2.3{HOSTILE}"}),
    ("promote", {"services": f"backend,{HOSTILE}"}),
    ("promote", {"reason": f"fine\n::set-output name=digest::sha256:{'0' * 64}\ndigest=sha256:{'0' * 64}"}),
    ("rollback", {"to": f"v1.2.3{HOSTILE}\n::set-output name=digest::sha256:{'0' * 64}"}),
]


def test_what_people_typed_executes_nothing_and_forges_nothing(runner: Runner) -> None:
    for workflow, inputs in HOSTILE_INPUTS:
        given = {
            "target_env": "stg",
            "services": "",
            "reason": "",
            "dry_run": True,
            "to": "",
            "version": "v1.0.0",
        } | inputs
        plan = runner.job(workflow, "plan", given)

        assert plan.code != 0, plan.log
        assert (plan.outputs, plan.summary) == ({"digest": ""}, "")
        assert not [line for line in plan.log.splitlines() if line.strip().startswith("::")], "a command to the runner"
        assert not list(runner.folder.rglob("pwned"))
        assert runner.job(workflow, workflow, given, {"plan": plan}).skipped, "a dry run ends before the gate"


def assert_markdown(summary: str, *, diff: bool = False) -> None:
    """Hold a summary to what GitHub renders: a head, a table of even rows, every fence closed."""
    table = [line for line in summary.splitlines() if line.startswith("|")]
    assert len(table) >= 3, summary
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1, summary
    assert set(table[1]) <= set("|- "), summary
    assert len(re.findall(r"^```", summary, re.MULTILINE)) % 2 == 0, summary
    assert (re.search(r"^```diff\n(?:.*\n)*?[-+]", summary, re.MULTILINE) is not None) is diff, summary
