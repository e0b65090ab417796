"""`board`: what runs where and how it is delivered, of a real repository."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagger
import pytest
from support import engine
from support.calls import Caller
from support.promotions import DAY, HOUR, SERVICES, digest, sixty, stream
from support.workspace import Workspace, git

from pipeline.board import PORT, served


def written(call: Caller, where: Path, *args: str) -> tuple[str, dict[str, Any]]:
    done = call("board", *args, "export", "--path", str(where))
    assert done.code == 0, done.stderr
    return (where / "index.html").read_text(), json.loads((where / "board.json").read_text())


def test_the_board_tells_what_a_repository_s_commits_and_tags_do(
    call: Caller, workspace: Workspace, tmp_path: Path
) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - 80 * DAY
    history = stream(sixty(start), workspace.project, workspace.commits()[0])
    subprocess.run(["git", "-C", str(workspace.remote), "fast-import", "--quiet"], input=history, check=True)
    workspace.pull()
    for service in SERVICES:
        for environment, version in (("stg", "v1.23.0"), ("prod", "v1.22.0" if service == "backend" else "v1.21.0")):
            repository = f"r.example.com/{environment}-{workspace.project}-{service}"
            workspace.pin(service, environment, repository, version, digest(service, version))
    workspace.push("Pin what was promoted, and one that was not")

    page, told = written(call, tmp_path / "branch", "--git-token", "env://GIT_TOKEN")
    dev, stg, prod = told["environments"]
    hour, day = HOUR.total_seconds(), DAY.total_seconds()
    assert dev["figures"] is None  # an image updater keeps it
    assert stg["figures"] == {
        "promotions": 38, "rollbacks": 0, "promotions_per_week": 3.33, "failed": 0, "change_failure_rate": 0.0,
        "lead_time": {"count": 23, "median": 2 * hour, "longest": 2 * hour},
        "versions_without_tag": 1, "time_to_restore": None,
    }  # fmt: skip
    assert prod["figures"] == {
        "promotions": 18, "rollbacks": 4, "promotions_per_week": 1.59, "failed": 4, "change_failure_rate": 0.2222,
        "lead_time": {"count": 17, "median": day, "longest": 11 * day},
        "versions_without_tag": 1, "time_to_restore": {"count": 4, "median": 3 * hour, "longest": 3 * hour},
    }  # fmt: skip
    backend, frontend = prod["services"]
    assert (backend["since"], backend["by"]) == (f"{start + 67 * DAY:%Y-%m-%dT%H:%M:%SZ}", "octocat")
    assert [line for line in backend["drift"] + frontend["drift"] if "not what was promoted: that is v1.22.0" in line]
    assert not [line for line in backend["drift"] if "promoted" in line]
    assert backend["difference"] == {"environment": "stg", "version": "v1.23.0", "releases": 1}
    assert "not what was promoted: that is v1.22.0" in frontend["drift"][0]
    assert "errors in checkout" in page

    git(workspace.path, "fetch", "--quiet", "--tags")
    _, here = written(call, tmp_path / "checkout", "--days", "30")
    assert here["environments"][2]["figures"]["promotions"] == 6
    assert [one["services"] for one in here["environments"]] == [one["services"] for one in told["environments"]]


@pytest.mark.anyio
async def test_the_board_is_served(dag: dagger.Client) -> None:
    files = dag.directory().with_new_file("index.html", "<!doctype html>")
    server = served(engine.TOOLS.python, files)
    asking = dag.container().from_(engine.TOOLS.curl).with_service_binding("board", server)
    assert await asking.with_exec(["curl", "-sS", f"http://board:{PORT}/"]).stdout() == "<!doctype html>"
