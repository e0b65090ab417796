"""`rehearse`: the whole road, with nothing touched and no credentials."""

import re

from support import engine
from support.calls import Caller
from support.proxy import Proxy
from support.workspace import Workspace, git


def test_a_rehearsal_proves_one_digest_everywhere_and_leaves_no_trace(
    call: Caller, workspace: Workspace, registry: Proxy
) -> None:
    path = workspace.path / "pipeline.yaml"
    stg, prod = (line for line in path.read_text().splitlines(keepends=True) if "promotes-from" in line)
    path.write_text(path.read_text().replace(stg + prod, prod + stg))  # the order of promotion is what counts
    workspace.push("List prod before stg")
    before = (git(workspace.path, "rev-parse", "HEAD"), workspace.commits())
    bare = Caller(workspace.path, (), {})
    report = bare("rehearse", "--tag", "v1.2.3", "--format", "json").json
    assert report["tag"] == "v1.2.3"
    assert [stage["stage"] for stage in report["stages"]] == [
        "build",
        "prepare v0.0.0-before",
        "push v1.2.3 to dev",
        "promote v1.2.3 to stg",
        "promote v1.2.3 to prod",
        "roll prod back",
        "promote v1.2.3 to prod",
        "prove",
    ]
    assert {service: digest[:7] for service, digest in report["digests"].items()} == {
        "backend": "sha256:",
        "frontend": "sha256:",
    }
    assert git(workspace.path, "status", "--porcelain") == ""
    assert (git(workspace.path, "rev-parse", "HEAD"), workspace.commits()) == before
    assert not registry.requests
    second = bare("rehearse", "--tag", "v1.2.3", "--format", "json")
    again = second.json  # nothing of it is remembered
    if not engine.DAGGER:  # which shows more
        assert len(second.stderr.splitlines()) <= 60
        assert "promote v1.2.3 to stg DONE" in second.stderr
        assert not re.search("Error:|xargs|GET /v2/", second.stderr)
    assert again["digests"] == report["digests"]
    assert [stage["result"] for stage in again["stages"]][3].startswith("2 copied")
