"""The gates of pipeline.yaml hold a promotion up, by the branch's history, until it is forced."""

from support.calls import Caller
from support.registry import Registry
from support.workspace import Workspace

GIT = ("--git-token", "env://GIT_TOKEN")
BACKEND = ("--services", "backend", *GIT)
STG = ("promote", "--version", "v1.0.0", "--target-env", "stg", *BACKEND)
PROD = ("promote", "--version", "v1.0.0", "--target-env", "prod", *BACKEND)
FROZEN = '{from: "2020-01-01", until: "2098-12-31", zone: Europe/Berlin, reason: the audit}'
FORCED = ("--force", "--reason", "a hot fix")


def test_a_promotion_waits_for_its_time_or_is_forced(call: Caller, workspace: Workspace, images: Registry) -> None:
    images.seed(f"dev-{workspace.project}-backend", "v1.0.0")
    path = workspace.path / "pipeline.yaml"
    text = path.read_text()
    stg, prod = "{name: stg, promotes-from: dev}", "{name: prod, promotes-from: stg}"
    text = text.replace(stg, f"{stg[:-1]}, soak: 24h, frozen: [{FROZEN}]}}").replace(prod, f"{prod[:-1]}, soak: 24h}}")
    path.write_text(text)
    workspace.push("Gates")
    before = workspace.commits()

    for dry_run in ((), ("--dry-run",)):
        first, second, todo = call(*STG, *dry_run).error.removeprefix("Refused: ").splitlines()
        assert first.startswith("stg is frozen until 2099-01-01 00:00 Europe/Berlin (the audit): ")
        assert second == "backend: dev does not run v1.0.0, which has to run there for 1 d first"
        assert todo == "To promote all the same, give --force with a --reason"
    assert workspace.commits() == before

    assert call(*STG, *FORCED).code == 0
    assert "Forced: a hot fix" in workspace.message().splitlines()

    workspace.update_dev("backend", "v1.0.0")  # its commit is of long ago
    path.write_text(path.read_text().replace(f", frozen: [{FROZEN}]", ""))
    assert call(*STG).code == 0
    error = call(*PROD).error
    assert error.startswith("Refused: backend: stg has run v1.0.0 since ")
    assert error.splitlines()[0].endswith(" of 1 d remain")
