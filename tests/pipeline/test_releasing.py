"""`release`: the next version by the commits since the last one, its tag, its notes, its page on GitHub."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagger
import pytest
from support import engine
from support.calls import Caller
from support.git_http import GitServer
from support.github import GitHub
from support.github_route import Request
from support.workspace import Workspace, git

from pipeline.release.program import program

RELEASE = ("release", "--git-token", "env://GIT_TOKEN")
JSON = (*RELEASE, "--format", "json")
TYPES = {
    "feat: say hello": "minor",
    "feat(api): say hello": "minor",
    "fix: mind the gap": "patch",
    "perf: hurry": "patch",
    "feat!: say nothing": "major",
    "fix(api)!: say nothing": "major",
    "chore: tidy\n\nBREAKING CHANGE: all of it": "major",
    "chore: tidy": None,
    "docs: tell": None,
    "Start": None,
    "promote(stg): myapp v1.3.0\n\nbackend  v1.2.0 -> v1.3.0\n\nPromoted-To: stg\nReason: feat: hello": None,
    "rollback(prod): myapp back to v1.2.0\n\nPromoted-To: prod\nReason: fix: BREAKING CHANGE: all of it": None,
    "deploy(dev): myapp v1.3.0\n\nBREAKING CHANGE: none": None,
    "build: automatic update of backend-dev\n\nupdates image backend tag 'v1.2.0' to 'v1.3.0'": None,
}


@pytest.fixture
def repository(new_workspace: Callable[..., Workspace]) -> Workspace:
    """A repository with an owner, as GitHub has them."""
    return new_workspace(owner="acme")


@pytest.fixture
def on_github(repository: Workspace, new_caller: Callable[[Workspace], Caller], github: GitHub) -> Caller:
    return replace(new_caller(repository), github=github.url.removeprefix("http://"))


@pytest.fixture
def pushed(git_server: GitServer) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Lets something be done before the first push is taken."""

    def at_first(action: Callable[[], None]) -> None:
        actions = [action]
        git_server.on_push = lambda: actions.pop()() if actions else None

    yield at_first
    git_server.on_push = None


def commit(workspace: Workspace, *messages: str) -> str:
    for message in messages:
        git(workspace.path, "commit", "--quiet", "--allow-empty", f"--message={message}")
    git(workspace.path, "push", "--quiet", "--tags", "origin", "main")
    return git(workspace.path, "rev-parse", "HEAD")


def tags(workspace: Workspace) -> dict[str, str]:
    lines = git(workspace.remote, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/tags").splitlines()
    return dict(line.split() for line in lines)


def pages(github: GitHub, workspace: Workspace) -> dict[str, dict[str, Any]]:
    return github.releases.of(f"acme/{workspace.project}")


async def test_the_kind_of_a_commit_says_what_is_released(dag: dagger.Client) -> None:
    script = """
        import { readFileSync } from "node:fs";
        import { analyzeCommits } from "@semantic-release/commit-analyzer";
        import { ANALYZER } from "./plugins.js";
        const logger = { log() {} };
        const found = {};
        for (const message of JSON.parse(readFileSync(0, "utf8"))) {
          found[message] = await analyzeCommits(ANALYZER, { cwd: "/", logger, commits: [{ hash: "1", message }] });
        }
        console.log(JSON.stringify(found));
    """
    container = program(engine.TOOLS).with_new_file("test.js", script)
    assert json.loads(await container.with_exec(["node", "test.js"], stdin=json.dumps(list(TYPES))).stdout()) == TYPES


def test_a_feature_is_released_once_with_notes_and_a_page(
    on_github: Caller, repository: Workspace, github: GitHub, git_server: GitServer
) -> None:
    (repository.path / ".releaserc.json").write_text('{"tagFormat": "theirs-${version}", "extends": "./none"}')
    git(repository.path, "add", "--all")
    head = commit(
        repository, "feat(api): say hello", "fix: mind the gap\n\nBREAKING CHANGE: x\n::warning::x\n##[error]x"
    )

    planned = on_github(*JSON, "--dry-run", GIT_TOKEN=git_server.reader).json
    assert [planned[key] for key in ("tag", "previous", "released", "dry_run")] == ["v1.0.0", None, False, True]
    assert "**api:** say hello" in planned["notes"]
    assert f"{repository.url.removesuffix('.git')}/commit/{head}" in planned["notes"]
    assert "\n\\::warning::x\n##\\[error]x" in planned["notes"], "no line is a command to GitHub's log"
    assert (tags(repository), github.requests) == ({}, [])

    made = on_github(*JSON).json
    page = pages(github, repository)["v1.0.0"]
    assert made == {**planned, "commit": head, "dry_run": False, "released": True, "url": page["html_url"]}
    assert tags(repository) == {"v1.0.0": head}
    assert page["body"] == made["notes"]

    again = on_github(*JSON).json
    assert again == {**made, "released": False, "already_there": True}
    assert tags(repository) == {"v1.0.0": head}


def test_two_at_once_make_one_tag_and_both_succeed(
    on_github: Caller, repository: Workspace, github: GitHub, git_server: GitServer
) -> None:
    git(repository.path, "tag", "v1.4.0")
    head = commit(repository, "chore: tidy\n\nBREAKING CHANGE: all of it")
    both_there, turns = threading.Barrier(2, timeout=120), [1, 2]

    def wait_for_the_other() -> None:
        if turns:
            turns.pop()
            both_there.wait()

    git_server.on_push = wait_for_the_other
    try:
        calls = [on_github.start(*JSON) for _ in range(2)]
        said = [process.communicate(timeout=600) for process in calls]
    finally:
        git_server.on_push = None
    assert [process.returncode for process in calls] == [0, 0], said
    reports = [json.loads(stdout) for stdout, _ in said]
    assert [(report["tag"], report["commit"]) for report in reports] == [("v2.0.0", head)] * 2
    assert tags(repository)["v2.0.0"] == head
    assert sorted(pages(github, repository)) == ["v2.0.0"]


def test_who_was_overtaken_reports_the_release_that_is_there(
    on_github: Caller, repository: Workspace, pushed: Callable[[Callable[[], None]], None]
) -> None:
    commit(repository, "feat: say hello")
    heads = []

    def overtake() -> None:
        heads.append(commit(repository, "feat: say more"))
        git(repository.remote, "tag", "v1.0.0", "main")

    pushed(overtake)
    report = on_github(*JSON).json
    assert [report[key] for key in ("tag", "commit", "released", "already_there")] == ["v1.0.0", *heads, False, True]
    assert tags(repository) == {"v1.0.0": heads[0]}


def test_what_a_killed_release_left_out_is_made_by_the_next(
    on_github: Caller, repository: Workspace, github: GitHub
) -> None:
    git(repository.path, "tag", "v1.4.0")
    head = commit(repository, "feat!: say nothing")
    asked = threading.Event()

    def never(request: Request) -> tuple[int, Any]:
        asked.set()
        return 503, {"message": "Service Unavailable"}

    github.fault = never
    with on_github.start(*JSON) as process:
        assert asked.wait(300)
        process.kill()
        process.communicate()
    assert (tags(repository)["v2.0.0"], pages(github, repository)) == (head, {})
    github.clear()
    report = on_github(*JSON).json
    assert [report[key] for key in ("tag", "previous", "released")] == ["v2.0.0", "v1.4.0", False]
    assert pages(github, repository)["v2.0.0"]["html_url"] == report["url"]


def test_a_page_that_was_refused_is_made_though_there_is_nothing_to_release(
    on_github: Caller, repository: Workspace, github: GitHub
) -> None:
    git(repository.path, "tag", "v1.4.0")
    commit(repository, "fix: mind the gap")
    github.fault = lambda _: (403, {"message": "Resource not accessible by integration"})
    error = on_github(*RELEASE).error
    assert "v1.4.1 is tagged, but has no page on GitHub (the token may not make a release: give one" in error
    assert "403 Resource not accessible by integration; run again" in error
    github.clear()
    commit(repository, "promote(stg): myapp v1.4.1")
    called = on_github(*RELEASE)
    assert "no feat, fix or breaking change since v1.4.1" in called.stdout, called.stderr
    assert "mind the gap" in pages(github, repository)["v1.4.1"]["body"]
    assert sorted(tags(repository)) == ["v1.4.0", "v1.4.1"]


def test_what_is_refused_is_said_in_one_line_with_what_to_do(
    new_workspace: Callable[..., Workspace], new_caller: Callable[[Workspace], Caller], git_server: GitServer
) -> None:
    unwritable, protected, elsewhere = (new_workspace() for _ in range(3))
    hook = Path(protected.remote, "hooks/update")
    hook.write_text('#!/bin/sh\ncase $1 in refs/tags/*) echo "GH013: protected" >&2; exit 1 ;; esac\n')
    hook.chmod(0o755)
    git(elsewhere.path, "tag", "v1.4.0")
    git(
        elsewhere.path,
        "tag",
        "v1.5.0",
        git(elsewhere.path, "commit-tree", "-m", "Hot fix", "-p", "HEAD", "HEAD^{tree}"),
    )
    for workspace in (unwritable, protected, elsewhere):
        commit(workspace, "feat: say hello")
    calls = {
        "the token may not push: give one that has the right": new_caller(unwritable).start(
            *RELEASE, GIT_TOKEN=git_server.reader
        ),
        f"the tags of {protected.url} are protected: let the token's owner bypass": new_caller(protected).start(
            *RELEASE
        ),
        "v1.5.0 is a tag already, of a commit that main has not: merge it": new_caller(elsewhere).start(*RELEASE),
    }
    for expected, process in calls.items():
        stdout, stderr = process.communicate(timeout=600)
        message = stderr.rpartition("\nError: ")[2]
        assert (process.returncode != 0, stdout) == (True, "")
        assert expected in message.splitlines()[0], stderr
    assert (tags(unwritable), tags(protected)) == ({}, {})
