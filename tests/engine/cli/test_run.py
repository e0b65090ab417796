"""Commands that run in a session, and SDKs that start one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from dagger_local.cli.run import run
from dagger_local.errors import EngineError


class Session:
    """A session that nothing is asked of."""

    port = 4321
    token = "t0ken"

    async def query(self, text: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        raise NotImplementedError

    async def load_module(self, path: Path, *, entrypoint: bool = False) -> None:
        raise NotImplementedError


def test_the_command_finds_the_session_in_its_environment(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = (
        "import os\n"
        f"with open({str(seen)!r}, 'w') as file:\n"
        "    file.write(os.environ['DAGGER_SESSION_PORT'] + os.environ['DAGGER_SESSION_TOKEN'])\n"
    )
    assert anyio.run(run, Session(), [sys.executable, "-c", code]) == 0
    assert seen.read_text() == "4321t0ken"


@pytest.mark.parametrize(
    ("code", "status"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 128 + 9)]
)
def test_its_exit_status_is_ours(code: str, status: int) -> None:
    assert anyio.run(run, Session(), [sys.executable, "-c", code]) == status


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(EngineError, match=r"^no-such-command: command not found$"):
        anyio.run(run, Session(), ["no-such-command"])


def test_signals_reach_the_command(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(42))\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "time.sleep(60)\n"
    )

    async def terminated() -> int:
        running = asyncio.ensure_future(run(Session(), [sys.executable, "-c", code]))
        while not ready.exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        return await running

    assert asyncio.run(terminated()) == 42


def test_a_session_says_where_it_is_and_ends_with_its_parents_pipe() -> None:
    code = (
        "import asyncio; from types import SimpleNamespace; from dagger_local.cli.serve import serve;"
        "asyncio.run(serve(SimpleNamespace(port=1, token='t')))"
    )
    source = Path(__file__).parents[3] / "engine" / "src"
    env = {**os.environ, "PYTHONPATH": str(source)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdin
        assert process.stdout
        assert json.loads(process.stdout.readline()) == {"port": 1, "session_token": "t"}
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(10) == 0
