"""Where an environment takes pull requests: one is opened and kept up to date, and the branch is left to people."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from support.calls import Caller
from support.git_http import GitServer
from support.github import GitHub
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import Workspace, git, make

SERVICES = ("backend", "frontend")
TOKEN = ("--git-token", "env://GIT_TOKEN", "--format", "json")
BRANCH = "promote/stg"
_numbers = itertools.count(1)


def promote(version: str) -> tuple[str, ...]:
    return ("promote", "--version", version, "--target-env", "stg", *TOKEN)


@pytest.fixture
def workspace(git_server: GitServer, images: Registry, registry: Proxy) -> Workspace:
    """A repository as GitHub names them, whose branch takes no pushes: two versions in dev, an old one in stg."""
    where = git_server.root / "acme"
    workspace = make(where, f"{git_server.url}/acme", f"proposed{next(_numbers)}")
    path = workspace.path / "pipeline.yaml"
    stg = "{name: stg, promotes-from: dev"
    path.write_text(path.read_text().replace(stg, f"{stg}, changes-by: pull-request"))
    for service in SERVICES:
        for version in ("v1.2.3", "v1.3.0"):
            images.seed(f"dev-{workspace.project}-{service}", version)
        digest = images.seed(f"stg-{workspace.project}-{service}", "v1.2.2")
        workspace.pin(service, "stg", f"localhost:{registry.port}/stg-{workspace.project}-{service}", "v1.2.2", digest)
    workspace.push("Run v1.2.2 in stg")
    hook = workspace.remote / "hooks/update"
    hook.write_text("#!/bin/sh\n[ $1 != refs/heads/main ] || { echo protected branch >&2; exit 1; }\n")
    hook.chmod(0o755)
    return workspace


@pytest.fixture
def call(workspace: Workspace, new_caller: Callable[[Workspace], Caller], registry: Proxy, github: GitHub) -> Caller:
    return replace(new_caller(workspace), github=github.url.removeprefix("http://"))


def test_a_promotion_is_one_pull_request_that_is_kept_up_to_date_until_it_is_merged(
    call: Caller, workspace: Workspace, github: GitHub, git_server: GitServer
) -> None:
    repository, before = f"acme/{workspace.project}", workspace.commits()
    pulls = github.pulls.of(repository)
    first = call(*promote("v1.2.3"), "--run-url", "https://ci.example.com/7").json
    page = f"https://github.com/{repository}/pull/1"
    assert first["pull_request"] == {"number": 1, "url": page, "state": "open", "branch": BRANCH}
    assert workspace.commits(BRANCH) == [first["commit"], *before]
    assert workspace.commits() == before
    assert pulls[0]["title"] == f"promote(stg): {workspace.project} v1.2.3"
    assert f"committed {first['commit']}" in pulls[0]["body"]
    assert "```diff\n" in pulls[0]["body"]
    message = workspace.message(BRANCH)
    assert "Promoted-To: stg\n" in message
    assert "Run: https://ci.example.com/7" in message

    pushes = len(git_server.pushes)
    again = call(*promote("v1.2.3"), "--run-url", "https://ci.example.com/8").json
    assert (again["commit"], again["pull_request"]) == (first["commit"], first["pull_request"])
    assert len(git_server.pushes) == pushes

    newer = call(*promote("v1.3.0")).json
    assert newer["pull_request"] == first["pull_request"]
    assert workspace.commits(BRANCH) == [newer["commit"], *before]
    assert [pull["title"] for pull in pulls] == [f"promote(stg): {workspace.project} v1.3.0"]
    assert newer["commit"] in pulls[0]["body"]
    assert first["commit"] not in pulls[0]["body"]

    merged = github.pulls.merge(repository, pulls[0])
    done = call(*promote("v1.3.0")).json
    assert (done["changed"], done["commit"], "pull_request" in done) == (False, None, False)
    assert workspace.commits() == [merged, *before]
    assert len(pulls) == 1

    back = call("rollback", "--target-env", "stg", "--reason", "it is slow", *TOKEN).json
    assert (back["version"], back["pull_request"]["number"]) == ("v1.2.2", 2)
    assert pulls[1]["title"] == f"rollback(stg): {workspace.project} back to v1.2.2"
    assert workspace.commits(BRANCH) == [back["commit"], merged, *before]
    assert "Reason: it is slow" in workspace.message(BRANCH)


def test_an_api_that_is_down_is_told_before_a_copy_and_one_that_refuses_leaves_a_branch_to_go_on_with(
    call: Caller, workspace: Workspace, github: GitHub, registry: Proxy
) -> None:
    github.fault = lambda _: (500, {"message": "oops"})
    error = call(*promote("v1.2.3")).error
    assert "reading pull requests at" in error
    assert "failed (500), GitHub is busy or in trouble: run again" in error
    assert not [request for request in registry.requests if request.writes]
    assert not git(workspace.remote, "branch", "--list", BRANCH)

    github.fault = lambda request: (403, {"message": "not permitted"}) if request.method == "POST" else None
    called = call(*promote("v1.2.3"))
    assert "the token may not: give one with pull-requests: write" in called.error
    commit = git(workspace.remote, "rev-parse", BRANCH)
    assert f"Committed already: {commit} on {BRANCH}: run again to finish, or open a pull request at" in called.error
    assert "Copied already: backend: " in called.error
    assert call.secrets["GIT_TOKEN"] not in called.stderr

    github.fault = None
    report = call(*promote("v1.2.3"), "--auto-merge").json
    assert (report["commit"], report["pull_request"]["number"]) == (commit, 1)
    assert github.pulls.of(f"acme/{workspace.project}")[0]["auto_merge"]
