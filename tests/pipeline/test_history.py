"""`history`: who promoted what, when and why."""

from support.calls import Caller
from support.registry import Registry
from support.workspace import Workspace, git

TOKEN = ("--git-token", "env://GIT_TOKEN")


def test_the_history_tells_promotions_and_rollbacks_from_the_branch_s_commits(
    call: Caller, workspace: Workspace, images: Registry
) -> None:
    assert call("history").stdout.strip() == "nothing was promoted yet"
    who = ("--actor", "octocat", "--run-url", "https://ci.example.com/7")
    for tag in ("v1.0.0", "v1.1.0"):
        for service in ("backend", "frontend"):
            images.seed(f"dev-{workspace.project}-{service}", tag, f"{service} {tag}")
        assert call("promote", "--version", tag, "--target-env", "stg", *who, "--reason", "spring", *TOKEN).code == 0
    workspace.update_dev("backend", "v1.1.0")  # no promotion
    back = ("rollback", "--target-env", "stg", "--services", "backend", "--reason", "it was broken", *TOKEN)
    assert call(*back).code == 0

    found = call("history", *TOKEN, "--format", "json").json["history"]
    assert [(one["verb"], one["environment"], one["from"], one["version"], one["reason"]) for one in found] == [
        ("rollback", "stg", None, "v1.0.0", "it was broken"),
        ("promote", "stg", "dev", "v1.1.0", "spring"),
        ("promote", "stg", "dev", "v1.0.0", "spring"),
    ]
    assert [one["commit"] for one in found] == [workspace.commits()[place] for place in (0, 2, 3)]
    assert (found[1]["actor"], found[1]["run"]) == ("octocat", "https://ci.example.com/7")
    assert found[0]["services"][0]["digest"] == images.digest(f"dev-{workspace.project}-backend", "v1.0.0")

    assert call("history", *TOKEN, "--service", "frontend", "--limit", "1").stdout.count("promote stg from dev") == 1
    assert call("history", *TOKEN, "--environment", "prod").stdout.strip() == "nothing was promoted yet"
    assert "did you mean prod?" in call("history", "--environment", "production").error
    assert call("history").stdout.strip() == "nothing was promoted yet"  # as the checkout has it
    git(workspace.path, "pull", "--quiet", "origin", "main")
    assert call("history").stdout.count("promote stg from dev") == 2
    assert "| spring | https://ci.example.com/7 |" in call("history", "--format", "markdown").stdout
