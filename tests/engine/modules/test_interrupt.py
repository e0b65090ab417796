"""Ctrl-C while a function of a module runs."""

import os
import secrets
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine


def test_a_call_is_interrupted_at_once_and_leaves_nothing(program: Path, state: Path, module: Path) -> None:
    marker = f"marker-{secrets.token_hex(8)}"
    calling = subprocess.Popen(
        [program, "--progress", "plain", "-v", "call", "run", "--command", f"sh,-c,echo {marker}; sleep 1000"],
        cwd=module,
        env={**os.environ, "DAGGER_LOCAL_STATE": str(state)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert calling.stderr
    said = next(line for line in calling.stderr if f"| {marker}" in line)
    calling.send_signal(signal.SIGINT)
    rest = calling.stderr.read()  # ends when the last process that holds it does
    calling.stderr.close()

    assert calling.wait(20) == 130, said
    assert rest.splitlines()[-1] == "interrupted"
    assert "Traceback" not in rest
    assert not runs(marker)


def runs(marker: str) -> bool:
    """Whether a process has the marker on its command line."""
    read: Callable[[Path], bytes] = lambda path: path.read_bytes() if path.exists() else b""  # noqa: E731
    return any(marker.encode() in read(path) for path in Path("/proc").glob("[0-9]*/cmdline"))
