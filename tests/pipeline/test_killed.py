"""Calls that are killed, at any point: the next one finishes."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import pytest
from support import engine
from support.calls import Caller
from support.git_http import GitServer
from support.proxy import Proxy, Request
from support.registry import Registry
from support.workspace import Workspace

STG = ("promote", "--version", "v1.2.3", "--target-env", "stg", "--git-token", "env://GIT_TOKEN")
SERVICES = ("backend", "frontend")
POINTS = int(os.environ.get("TEST_KILLS", "4"))


@pytest.mark.slow
def test_a_call_killed_at_any_point_leaves_what_the_next_one_finishes(
    new_workspace: Callable[[], Workspace], new_caller: Callable[[Workspace], Caller], images: Registry, registry: Proxy
) -> None:
    lines = None
    for point in range(POINTS + 1):
        workspace = new_workspace()
        call = new_caller(workspace)
        digests = {name: images.seed(f"dev-{workspace.project}-{name}", "v1.2.3") for name in SERVICES}
        before = workspace.commits()
        if lines is None:
            lines = _said(call)  # undisturbed: how much it says is the measure for the others
        else:
            _said(call, killed_after=lines * point // (POINTS + 1))
        assert call(*STG).code == 0
        assert workspace.commits()[1:] == before, "one commit, no duplicate"
        for name, digest in digests.items():
            assert images.digest(f"stg-{workspace.project}-{name}", "v1.2.3") == digest
            assert digest in workspace.show(f"manifests/{name}/overlays/stg/kustomization.yaml")


def _said(call: Caller, *, killed_after: int | None = None) -> int:
    """Promote, killed after so many lines of progress if a number is given, and return how many lines there were."""
    with call.start(*STG) as process:
        assert process.stderr
        said: Sequence[str] = list(islice(process.stderr, killed_after))
        if killed_after is not None:
            process.kill()
        process.communicate()
    return len(said)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["copying", "copied", "pushing"])
def test_a_call_ended_at_a_moment_that_matters_leaves_what_the_next_one_finishes(
    *,
    workspace: Workspace,
    call: Caller,
    images: Registry,
    registry: Proxy,
    git_server: GitServer,
    moment: str,
    how: signal.Signals,
) -> None:
    digests = {name: images.seed(f"dev-{workspace.project}-{name}", "v1.2.3") for name in SERVICES}
    before = workspace.commits()
    process = call.start(*STG)
    ended: list[str] = []

    def end() -> None:
        if not ended:
            ended.append(moment)
            process.send_signal(how)

    with _at(moment, end, registry, git_server):
        _, said = process.communicate()
    assert ended
    assert process.returncode != 0
    if how is not signal.SIGKILL and not engine.DAGGER:  # Dagger's kills a function without a word
        (words,) = [line for line in said.splitlines() if line.startswith("interrupted: Copied already: ")]
        assert ("Nothing was committed" in words) == (moment != "pushing")
        assert ("The commit was being pushed" in words) == (moment == "pushing")
        if moment != "copying":
            assert all(f"stg-{workspace.project}-{name}:v1.2.3@{digest}" in words for name, digest in digests.items())
        assert "Traceback" not in said
    assert call(*STG).code == 0
    assert workspace.commits()[1:] == before, "one commit, no duplicate"
    for name, digest in digests.items():
        assert images.digest(f"stg-{workspace.project}-{name}", "v1.2.3") == digest
        assert digest in workspace.show(f"manifests/{name}/overlays/stg/kustomization.yaml")


@contextlib.contextmanager
def _at(moment: str, end: Callable[[], None], registry: Proxy, git_server: GitServer) -> Iterator[None]:
    """Let a promotion go on to its first manifest, its confirmation of all, or its push, and end it there."""
    copied: list[str] = []

    async def watch(request: Request) -> bytes | None:
        if request.method == "PUT" and "/manifests/" in request.path:
            copied.append(request.path)
            if moment == "copying":
                end()
        elif moment == "copied" and len(copied) >= len(SERVICES) and not request.writes:
            end()
        return None

    registry.fault = watch
    git_server.on_push = end if moment == "pushing" else None
    try:
        yield
    finally:
        registry.clear()
        git_server.on_push = None
