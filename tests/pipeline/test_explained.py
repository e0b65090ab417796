"""What am I approving? The commits between what runs and what comes, of each service."""

import re

from support.calls import Caller
from support.registry import Registry
from support.workspace import Workspace, git

TOKEN = ("--git-token", "env://GIT_TOKEN")


def commit(workspace: Workspace, path: str, subject: str) -> str:
    (workspace.path / path).write_text(subject)
    git(workspace.path, "add", "--all")
    workspace.push(subject)
    return git(workspace.path, "rev-parse", "HEAD")


def test_the_commits_that_touched_a_service_are_listed_from_a_branch_of_a_hot_fix_too(
    call: Caller, workspace: Workspace, images: Registry
) -> None:
    start = git(workspace.path, "rev-parse", "HEAD")
    address, project = call.arguments[1], workspace.project
    for name in ("backend", "frontend"):
        running = images.seed(f"stg-{project}-{name}", "v1.0.0", "older", revision=start if name == "backend" else "")
        workspace.pin(name, "stg", f"{address}/stg-{project}-{name}", "v1.0.0", running)
    workspace.push("Let v1.0.0 run")
    first = commit(workspace, "services/backend/content", "Mend the cart")
    commit(workspace, "services/frontend/content", "Paint it")
    # A fix that is on no branch that is cloned, as of a release that is maintained.
    git(workspace.path, "checkout", "--quiet", "-b", "hotfix")
    (workspace.path / "services/backend/content").write_text("mended")
    git(workspace.path, "commit", "--quiet", "--all", "--message=Mend it again")
    git(workspace.path, "push", "--quiet", "origin", "hotfix")
    fix = git(workspace.path, "rev-parse", "HEAD")
    for name in ("backend", "frontend"):
        images.seed(f"dev-{project}-{name}", "v1.1.0", revision=fix)

    line = ("--version", "v1.1.0", "--target-env", "stg", *TOKEN)
    text = call("promote", *line, "--dry-run").stdout
    section = re.search(r"^backend: 2 commits\n((?:  .+\n)+)", text, re.MULTILINE)
    assert section
    assert section[1].splitlines() == [
        f"  {fix[:10]}  Mend it again (Test)",
        f"  {first[:10]}  Mend the cart (Test)",
    ]
    assert "\nfrontend: commits are not known: the image of v1.0.0 does not say its commit\n" in text
    markdown = call("plan", *line, "summary", "--format", "markdown").stdout
    assert f"### backend: 2 commits\n\n- `{fix[:10]}` `Mend it again` by `Test`\n" in markdown
    assert "```diff\n--- a/backend\n" in markdown
