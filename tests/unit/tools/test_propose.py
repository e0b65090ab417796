"""The script that proposes a commit, run here: the branch has one commit, and the same one is not pushed again."""

import os
import subprocess
from pathlib import Path

import pytest
from support.workspace import git

import pipeline.tools

_SCRIPT = Path(pipeline.tools.__file__).parent / "scripts/propose"
REF = "refs/heads/promote/stg"
MESSAGE = "promote(stg): shop v1.2.3\n\nPromoted-To: stg\n"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "start")
    (tmp_path / "start/overlay").write_text("v1\n")
    git(tmp_path / "start", "add", "--all")
    git(tmp_path / "start", "commit", "--quiet", "--message=Start")
    git(tmp_path / "start", "push", "--quiet", str(tmp_path / "remote"), "main")
    return tmp_path / "remote"


def committed(remote: Path, name: str, text: str, message: str = MESSAGE, date: str = "2026-03-01T00:00:00Z") -> Path:
    """Return a fresh clone of the branch with one commit."""
    clone = remote.parent / name
    git(remote.parent, "clone", "--quiet", "--depth=1", f"file://{remote}", name)
    (clone / "overlay").write_text(text)
    git(clone, "commit", "--quiet", "--all", f"--message={message}")
    git(clone, "commit", "--quiet", "--amend", "--no-edit", f"--date={date}")
    return clone


def propose(clone: Path, *options: str, path: str = "") -> "subprocess.CompletedProcess[str]":
    line = [str(_SCRIPT), REF, *options]
    env = os.environ | {"PATH": path + os.environ["PATH"]}
    return subprocess.run(line, cwd=clone, env=env, capture_output=True, text=True, check=False)


def last(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def test_the_branch_is_one_commit_on_the_tip_whatever_was_there(remote: Path) -> None:
    first = last(propose(committed(remote, "a", "v2\n")))
    assert first == git(remote, "rev-parse", REF)
    second = last(propose(committed(remote, "b", "v3\n")))
    assert second == git(remote, "rev-parse", REF) != first
    assert git(remote, "rev-parse", f"{REF}~1") == git(remote, "rev-parse", "main")
    assert git(remote, "show", f"{REF}:overlay") == "v3"


def test_the_same_commit_is_not_pushed_again_whoever_and_whichever_run_it_is(remote: Path) -> None:
    first = last(propose(committed(remote, "a", "v2\n", f"{MESSAGE}Run: https://ci/7\nActor: a\nReason: r\n")))
    again = committed(remote, "b", "v2\n", f"{MESSAGE}Run: https://ci/8\nActor: b\nReason: r\n", "2026-04-01T00:00:00Z")
    assert last(propose(again)) == first
    other = committed(remote, "c", "v2\n", f"{MESSAGE}Run: https://ci/8\nActor: b\nReason: another\n")
    assert last(propose(other)) == git(remote, "rev-parse", REF) != first


def test_it_is_put_on_the_tip_once_that_has_moved(remote: Path) -> None:
    first = last(propose(committed(remote, "a", "v2\n")))
    start = remote.parent / "start"
    (start / "other").write_text("x")
    git(start, "add", "--all")
    git(start, "commit", "--quiet", "--message=Other")
    git(start, "push", "--quiet", str(remote), "main")
    assert last(propose(committed(remote, "b", "v2\n"))) != first
    assert git(remote, "rev-parse", f"{REF}~1") == git(remote, "rev-parse", "main")


def test_what_somebody_adds_to_the_branch_by_hand_is_replaced(remote: Path) -> None:
    clone = committed(remote, "a", "v2\n")
    propose(clone)
    (clone / "evil").write_text("x")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message=By hand")
    git(clone, "push", "--quiet", "origin", f"HEAD:{REF}")
    propose(committed(remote, "b", "v2\n"))
    assert git(remote, "log", "--format=%s", f"main..{REF}") == "promote(stg): shop v1.2.3"


def test_one_that_was_overtaken_between_the_look_and_the_push_is_refused_and_not_lost(
    remote: Path, tmp_path: Path
) -> None:
    propose(committed(remote, "a", "v2\n"))
    slow, fast = committed(remote, "b", "v3\n"), committed(remote, "c", "v4\n")
    real = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True, check=True).stdout.strip()
    folder = tmp_path / "bin"
    folder.mkdir()
    # A git that lets another be faster, once, right before it pushes.
    (folder / "git").write_text(
        f'#!/bin/sh\n[ "$1" != push ] || {real} -C {fast} push --quiet --force origin HEAD:{REF}\nexec {real} "$@"\n'
    )
    (folder / "git").chmod(0o755)
    done = propose(slow, path=f"{folder}:")
    assert done.returncode != 0
    assert "stale info" in done.stdout + done.stderr
    assert git(remote, "show", f"{REF}:overlay") == "v4"


def test_options_of_a_push_reach_the_server(remote: Path) -> None:
    git(remote, "config", "receive.advertisePushOptions", "true")
    hook = remote / "hooks/pre-receive"
    hook.write_text('#!/bin/sh\necho "$GIT_PUSH_OPTION_COUNT $GIT_PUSH_OPTION_0" > seen\necho said >&2\n')
    hook.chmod(0o755)
    done = propose(committed(remote, "a", "v2\n"), "--push-option=merge_request.title=a  b")
    assert (remote / "seen").read_text() == "1 merge_request.title=a  b\n"
    assert "said" in done.stderr
