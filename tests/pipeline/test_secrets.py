"""Neither the registry's password nor the Git token is found anywhere after a run."""

import base64
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from support import engine
from support.calls import Caller
from support.git_http import GitServer
from support.github import GitHub
from support.registry import Registry
from support.workspace import Workspace, git

USER = "robot"  # the registry's, as in conftest.py
STATE = Path(os.environ.get("DAGGER_LOCAL_STATE") or Path.home() / ".cache/dagger-local")


@pytest.fixture
def workspace(new_workspace: Callable[..., Workspace]) -> Workspace:
    """A repository as GitHub has them, with something to release."""
    workspace = new_workspace(owner="acme")
    git(workspace.path, "commit", "--quiet", "--allow-empty", "--message=feat: say hello")
    git(workspace.path, "push", "--quiet", "origin", "main")
    return workspace


@contextmanager
def watched_arguments() -> Iterator[set[bytes]]:
    """Collect the arguments of every process that runs meanwhile."""
    seen: set[bytes] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(process.read_bytes())
                except OSError:
                    continue  # it has ended

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path


def holds(path: Path, needles: list[bytes]) -> bool:
    """Tell whether a file holds one of the needles, also across the pieces that it is read in."""
    longest = max(map(len, needles))
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(1 << 22):
            window = tail + piece
            if any(needle in window for needle in needles):
                return True
            tail = window[-longest:]
    return False


@pytest.mark.skipif(engine.DAGGER, reason="the state of another engine is not in reach")
def test_no_secret_is_left_in_state_arguments_logs_or_the_remote(
    *, call: Caller, workspace: Workspace, images: Registry, git_server: GitServer, github: GitHub, password: str
) -> None:
    images.seed(f"dev-{workspace.project}-frontend", "v1.2.3")
    stg = ("promote", "--version", "v1.2.3", "--target-env", "stg", "--git-token", "env://GIT_TOKEN")
    with watched_arguments() as arguments:
        calls = [
            replace(call, github=github.url.removeprefix("http://"))("release", "--git-token", "env://GIT_TOKEN"),
            call("build", "--tag", "v1.2.3", "--push", "--services", "backend"),
            call(*stg),
            call(*stg, GIT_TOKEN=git_server.reader),
            call("rollback", "--target-env", "stg", "--git-token", "env://GIT_TOKEN"),
        ]
    assert [called.code for called in calls[:3]] == [0, 0, 0]
    needles = [
        form
        for user, secret in (
            (USER, password),
            ("x-access-token", git_server.writer),
            ("x-access-token", git_server.reader),
        )
        for form in (secret.encode(), base64.b64encode(f"{user}:{secret}".encode()))  # as in a header or config.json
    ]
    said = "".join(called.stdout + called.stderr for called in calls).encode()
    assert not [needle for needle in needles if needle in said]
    assert not [line for line in arguments if any(needle in line for needle in needles)]
    assert not [path for folder in (STATE, workspace.remote) for path in files(folder) if holds(path, needles)]
