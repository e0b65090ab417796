"""Sessions that a test starts, signals and kills by itself."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest


@dataclass(frozen=True, slots=True)
class Started:
    """A `session` command that runs."""

    process: "subprocess.Popen[str]"
    client: httpx.Client
    state: Path

    def ask(self, text: str) -> Any:
        """Return the data of an answer; raises LookupError with the message of its first error."""
        body = self.client.post("/query", json={"query": text}).json()
        if body.get("errors"):
            raise LookupError(body["errors"][0]["message"])
        return body["data"]

    def run(self, *words: str, then: str = "stdout") -> Any:
        """Run a command in an Alpine container."""
        args = ", ".join(map(json.dumps, words))
        text = f'{{ container {{ from(address: "alpine:3.22.2") {{ withExec(args: [{args}]) {{ {then} }} }} }} }}'
        return self.ask(text)["container"]["from"]["withExec"][then]


Start = Callable[..., Started]


@pytest.fixture
def start(program: Path, new_state: Callable[[], Path]) -> Iterator[Start]:
    """Starts sessions, each with a state of its own unless one is given."""
    with contextlib.ExitStack() as stack:

        def begin(state: Path | None = None, within: Sequence[str] = (), **env: str) -> Started:
            state = state or new_state()
            process = subprocess.Popen(
                [*within, program, "session"],
                env={**os.environ, "DAGGER_LOCAL_STATE": str(state), **env},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout
            where = json.loads(process.stdout.readline())
            client = httpx.Client(
                base_url=f"http://127.0.0.1:{where['port']}", auth=(where["session_token"], ""), timeout=60
            )
            return Started(process, stack.enter_context(client), state)

        yield begin


def drafts(state: Path) -> list[Path]:
    """List the folders in which sessions keep what they are making."""
    return [path for path in (state / "drafts").iterdir() if path.is_dir()]


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait until something holds; what other processes do tells nobody."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def runs(word: str) -> bool:
    """Whether a process of this machine has the word on its command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if word.encode() in path.read_bytes():
                return True
    return False


def end(started: Started, number: signal.Signals) -> int:
    """Signal the session as a terminal does, and return its exit status."""
    os.kill(started.process.pid, number)
    return started.process.wait(20)
