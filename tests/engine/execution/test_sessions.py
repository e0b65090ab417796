"""Sessions: how they end, what they leave, and several of them on one state."""

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from .conftest import Start, Started, drafts, end, runs, until

pytestmark = pytest.mark.engine


@pytest.fixture
def marker() -> str:
    """A word that is on the command line of this test's containers only."""
    return f"marker-{secrets.token_hex(8)}"


def begin_sleeping(started: Started, marker: str) -> None:
    """Run a command that lasts, and wait until it runs."""

    words = ("sh", "-c", f": {marker}; sleep 1000 & sleep 1000; true")
    threading.Thread(target=ignore_errors, args=(started.run, *words), daemon=True).start()
    assert until(lambda: runs(marker))


def ignore_errors(function: Callable[..., object], *args: object) -> None:
    """Call what a test ends on the way."""
    with contextlib.suppress(httpx.HTTPError, LookupError, RuntimeError, ValueError):
        function(*args)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_session_that_is_ended_leaves_no_process_and_no_mount(
    start: Start, marker: str, number: signal.Signals
) -> None:
    started = start()
    begin_sleeping(started, marker)
    (session,) = drafts(started.state)
    groups = control_groups(session)

    code = end(started, number)

    assert code == {signal.SIGKILL: -9, signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert until(lambda: not runs(marker))
    assert until(lambda: not runs(str(started.state)))
    assert str(started.state) not in Path("/proc/mounts").read_text()
    if number is not signal.SIGKILL:
        assert drafts(started.state) == []
        assert not [group for group in groups if group.exists()]


def test_a_session_ends_when_its_standard_input_closes(start: Start, marker: str) -> None:
    started = start()
    begin_sleeping(started, marker)
    assert started.process.stdin

    started.process.stdin.close()

    assert started.process.wait(20) == 0
    assert until(lambda: not runs(marker))


def control_groups(session: Path) -> list[Path]:
    """The folders of a session's control groups that are there, in all hierarchies."""
    return [place for line in (session / "groups").read_text().splitlines() if (place := Path(line)).exists()]


def has_groups(state: Path) -> bool:
    """Whether a session's containers have control groups: those of runc have, run by real root."""
    known = state / "runtime"
    return os.geteuid() == 0 and known.exists() and known.read_text().endswith("works")


def test_what_a_killed_session_began_is_cleaned_by_the_next(start: Start, marker: str) -> None:
    killed = start()
    begin_sleeping(killed, marker)
    end(killed, signal.SIGKILL)
    assert until(lambda: not runs(marker))
    (left,) = drafts(killed.state)
    groups = control_groups(left)
    assert groups or not has_groups(killed.state)

    following = start(killed.state)

    assert not left.exists()
    assert not [group for group in groups if group.exists()]
    assert following.run("echo", "well") == "well\n"


def test_a_killed_command_is_run_again_from_its_beginning(start: Start, marker: str) -> None:
    def ask(started: Started, *words: str) -> int:
        cache = started.ask('{ cacheVolume(key: "k") { id } }')["cacheVolume"]["id"]
        run = f"withExec(args: [{', '.join(map(json.dumps, words))}]) {{ exitCode }}"
        mounted = f'withMountedCache(path: "/cache", cache: "{cache}") {{ {run} }}'
        answer = started.ask(f'{{ container {{ from(address: "alpine:3.22.2") {{ {mounted} }} }} }}')
        return int(answer["container"]["from"]["withMountedCache"]["withExec"]["exitCode"])

    script = f": {marker}; test ! -e /half || exit 3; touch /half; test -e /cache/go || sleep 1000; true"
    killed = start()
    threading.Thread(target=ignore_errors, args=(ask, killed, "sh", "-c", script), daemon=True).start()
    assert until(lambda: runs(marker))
    end(killed, signal.SIGKILL)

    again = start(killed.state)
    ask(again, "touch", "/cache/go")

    assert ask(again, "sh", "-c", script) == 0


def test_results_outlive_the_session(start: Start) -> None:
    first = start()
    shown = first.run("cat", "/proc/sys/kernel/random/uuid")
    assert first.process.stdin
    first.process.stdin.close()
    first.process.wait(20)

    assert start(first.state).run("cat", "/proc/sys/kernel/random/uuid") == shown


def test_two_sessions_share_a_state_at_the_same_time(start: Start) -> None:
    one = start()
    two = start(one.state)
    words = ("sh", "-c", "sleep 0.3; cat /proc/sys/kernel/random/uuid")

    with ThreadPoolExecutor() as pool:
        both = [pool.submit(each.run, *words) for each in (one, two)]
        assert all(re.fullmatch(r"[0-9a-f-]{36}\n", each.result()) for each in both)
        others = [pool.submit(each.run, "echo", str(n)) for n in range(6) for each in (one, two)]
        assert sorted(each.result() for each in others) == sorted(f"{n}\n" for n in range(6) for _ in range(2))

    assert one.run("echo", "still") == "still\n"


def test_a_client_without_the_token_is_refused(start: Start) -> None:
    started = start()

    answer = started.client.post("/query", json={"query": "{ version }"}, auth=("wrong", ""))

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"]


def test_a_request_that_is_no_query_is_told_so(start: Start) -> None:
    started = start()

    with pytest.raises(LookupError, match="Cannot query field"):
        started.ask("{ noSuchField }")
    with pytest.raises(LookupError, match="Expected Name"):
        started.ask("{ version")


@pytest.fixture
def small_disk(new_state: Callable[[Path], Path], tmp_path: Path) -> Iterator[Path]:
    """A state on a disk of 8 MB; its images lie on another."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", tmp_path], check=True)
    yield new_state(tmp_path)
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_full_disk_is_told_in_one_line(start: Start, small_disk: Path) -> None:
    started = start(small_disk)

    def fill() -> None:
        text = "x" * 1_000_000
        for number in range(12):
            started.ask(f'{{ directory {{ withNewFile(path: "{number}", contents: "{text}") {{ digest }} }} }}')

    with pytest.raises(LookupError) as caught:
        fill()
    assert "\n" not in str(caught.value)
    assert "no space left" in str(caught.value).lower()
    assert str(small_disk) in str(caught.value)

    with pytest.raises(LookupError):
        started.run("dd", "if=/dev/zero", "of=/big", "bs=1M", "count=16")


def test_an_unknown_runtime_is_named(program: Path, new_state: Callable[[], Path]) -> None:
    done = subprocess.run(
        [program, "session"],
        env={
            "PATH": "/usr/bin:/bin:/usr/sbin",
            "DAGGER_LOCAL_STATE": str(new_state()),
            "DAGGER_LOCAL_RUNTIME": "docker",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "DAGGER_LOCAL_RUNTIME=docker is not known; set it to runc or chroot" in done.stderr
