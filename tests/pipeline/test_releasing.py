"""`release`: the next version by the commits since the last one, its tag, its notes, its page on GitHub."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.calls import Caller
from support.git_http import GitServer
from support.github import GitHub
from support.workspace import Workspace, git

TOKEN = ("--git-token", "env://GIT_TOKEN")
JSON = ("--format", "json")


@pytest.fixture
def repository(new_workspace: Callable[..., Workspace]) -> Workspace:
    """A repository with an owner, as GitHub has them."""
    return new_workspace(owner="acme")


@pytest.fixture
def on_github(repository: Workspace, new_caller: Callable[[Workspace], Caller], github: GitHub) -> Caller:
    return replace(new_caller(repository), github=github.url.removeprefix("http://"))


def commit(workspace: Workspace, *messages: str) -> str:
    for message in messages:
        git(workspace.path, "commit", "--quiet", "--allow-empty", f"--message={message}")
    git(workspace.path, "push", "--quiet", "origin", "main")
    return git(workspace.path, "rev-parse", "HEAD")


def tags(workspace: Workspace) -> dict[str, str]:
    lines = git(workspace.remote, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/tags").splitlines()
    return dict(line.split() for line in lines)


def test_a_feature_is_released_once_with_notes_and_a_page(
    on_github: Caller, repository: Workspace, github: GitHub, git_server: GitServer
) -> None:
    nothing = on_github("release", *TOKEN)
    assert (nothing.code, nothing.stdout.partition(" at ")[0]) == (0, "nothing to release"), nothing.stderr
    head = commit(repository, "feat(api): say hello", "fix: mind the gap")

    planned = on_github("release", "--dry-run", *TOKEN, *JSON, GIT_TOKEN=git_server.reader).json
    assert [planned[key] for key in ("tag", "previous", "released", "dry_run")] == ["v1.0.0", None, False, True]
    assert "**api:** say hello" in planned["notes"]
    assert (tags(repository), github.requests) == ({}, [])

    made = on_github("release", *TOKEN, *JSON).json
    page = github.releases.of(f"acme/{repository.project}")["v1.0.0"]
    assert made == {
        **planned,
        "commit": head,
        "dry_run": False,
        "released": True,
        "url": page["html_url"],
    }
    assert tags(repository) == {"v1.0.0": head}
    assert page["body"] == made["notes"]

    again = on_github("release", *TOKEN, *JSON).json
    assert again == {**made, "released": False, "already_there": True}
    assert tags(repository) == {"v1.0.0": head}
