"""`dagger-local run COMMAND`: a command that any Dagger client inside connects from."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence

from dagger_local.cli.engine import Engine
from dagger_local.cli.module import OF_WRAPPER
from dagger_local.errors import EngineError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 10.0
"""Seconds between a signal and the kill, as dagger's --cleanup-timeout."""


async def run(session: Engine, command: Sequence[str]) -> int:
    """Run `command` with the session in its environment; returns its exit status, 128+N if a signal N ended it."""
    own = {name: value for name, value in os.environ.items() if name != OF_WRAPPER}
    env = {**own, "DAGGER_SESSION_PORT": str(session.port), "DAGGER_SESSION_TOKEN": session.token}
    try:
        process = await asyncio.create_subprocess_exec(*command, env=env)
    except FileNotFoundError:
        raise EngineError(f"{command[0]}: command not found") from None
    except OSError as error:
        raise EngineError(f"{command[0]}: {error.strerror}") from None
    with _forwarding(process):
        code = await process.wait()
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _forwarding(process: asyncio.subprocess.Process) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    killers: list[asyncio.TimerHandle] = []

    def forward(number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            # a terminal's Ctrl-C reaches the command by itself; twice would cut its own cleaning up short
            if number is not signal.SIGINT or not sys.stdin.isatty():
                process.send_signal(number)
        killers.append(loop.call_later(_PATIENCE, _kill, process))

    for number in _SIGNALS:
        loop.add_signal_handler(number, forward, number)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
        for killer in killers:
            killer.cancel()


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
