"""Open a session around a command: namespaces first, then progress, then the event loop with its signals."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from dagger_local.cli import console
from dagger_local.cli.engine import Engine, engine
from dagger_local.cli.module import find_module
from dagger_local.cli.options import Options
from dagger_local.namespace import enter
from dagger_local.progress.choose import progress

_PATIENCE = 10.0
"""Seconds that cleaning up may take after an interruption; what is left then goes with the process's namespaces."""

Work = Callable[[Engine, Path], Awaitable[int]]


def in_session(
    work: Work, options: Options, *, shares_terminal: bool = False, module: bool = False, lasting: bool = False
) -> int:
    """Run `work` in a session of its own and return its exit status.

    `shares_terminal` says that something else writes to the terminal too: no live progress there, unless asked for.
    `module` says that the module of the options will be asked for, so that it can start along with the engine.
    `lasting` says that the work goes on until it is interrupted: that is its good end.
    SIGTERM and SIGHUP end it as Ctrl-C does, which raises KeyboardInterrupt when all is cleaned up.
    """
    enter()
    with progress(options.progress, verbosity=options.verbosity, silent=options.silent, live=not shares_terminal):
        return asyncio.run(_session(work, options, module=module, lasting=lasting))


async def _session(work: Work, options: Options, *, module: bool, lasting: bool) -> int:
    this = asyncio.current_task()
    ended: list[int] = []

    def end(number: int) -> None:
        ended.append(number)
        if this:
            this.cancel()

    loop = asyncio.get_running_loop()
    if not options.debug:  # what breaks off at the end would be told with a traceback
        loop.set_exception_handler(lambda *_: None)
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end, number)
    cwd = Path.cwd()
    try:
        async with engine(cwd, find_module(options.mod, cwd).path if module else None) as session:
            try:
                return await work(session, cwd)
            except asyncio.CancelledError:
                loop.call_later(_PATIENCE, _leave, ended)
                raise
    except asyncio.CancelledError:
        if lasting:
            return 0
        if ended:
            return 128 + ended[0]
        raise


def _leave(ended: list[int]) -> None:
    """End at once, as an interrupted program does."""
    console.note("interrupted")
    os._exit(128 + (ended[0] if ended else signal.SIGINT))
