"""A module's process, as the engine sees it: started early, asked for calls, gone with the engine."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from dagger_local.errors import EngineError
from dagger_local.modules import worker
from dagger_local.modules.environment import environment_of, python_of
from dagger_local.modules.source import ModuleSource, find_module
from dagger_local.process import drain
from dagger_local.progress.choose import finish

Pipe = TypeVar("Pipe")
Told = Callable[[dict[str, Any]], None]


class Process(Protocol):
    """What runs a module's calls; `heard` gets what the module prints, by line."""

    source: ModuleSource
    python: Path
    heard: Callable[[str], None]

    async def call(self, name: str, port: int, token: str, cwd: Path, told: Told | None = None, **asked: Any) -> int:
        """Run one call to its end and return its exit status."""
        ...

    async def close(self) -> None:
        """End the process."""
        ...


_LAST_WORDS = 2.0
"""Seconds that an interrupted call has to end by itself."""


async def start_module(path: Path, state: Path) -> "ModuleProcess | ModuleSource":
    """Start the process of the module in `path` (or above it), its dependencies installed first if need be.

    One that depends on other modules cannot be started before they are known: its source is returned.
    """
    source = await asyncio.to_thread(find_module, path)
    if source.dependencies:
        return source
    return await start_process(source, await python_of(source, state))


async def start_process(source: ModuleSource, python: Path, bindings: Path | None = None) -> "ModuleProcess":
    """Start the process of a module; `bindings` are those of the modules that it depends on."""
    process = await asyncio.create_subprocess_exec(
        *(str(python), "-P", worker.__file__, source.entry_point, str(bindings or "")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment_of(source),
        cwd=source.root,
        start_new_session=True,  # what it forks ends with it
    )
    return ModuleProcess(source, python, process)


class ModuleProcess:
    """A process of `worker.py` with the module's interpreter; `heard` gets what the module prints, by line."""

    def __init__(self, source: ModuleSource, python: Path, process: asyncio.subprocess.Process) -> None:
        self.source = source
        self.python = python
        self.heard: Callable[[str], None] = _unheard
        self._process = process
        self._calls: dict[str, asyncio.Future[int]] = {}
        self._told: dict[str, Told] = {}
        self._loaded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers = [asyncio.create_task(self._read_answers()), asyncio.create_task(self._read_output())]

    async def call(self, name: str, port: int, token: str, cwd: Path, told: Told | None = None, **asked: Any) -> int:
        """Run one call, a client of the session by its port and token, to its end; return its exit status.

        What is `asked` is one of the worker's orders: `register` or `about`. Whatever its process says before its end,
        which is about its spans, `told` gets.
        """
        await asyncio.shield(self._loaded)
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._calls[name] = done
        if told:
            self._told[name] = told
        order = {"call": name, "port": port, "token": token, "cwd": str(cwd), **asked}
        orders = _pipe(self._process.stdin)
        orders.write(json.dumps(order).encode() + b"\n")
        await orders.drain()
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await self._interrupt(name, done)
            raise

    async def _interrupt(self, name: str, done: asyncio.Future[int]) -> None:
        """Let a call end by itself: what it says of what it did by then goes to the user, past what shows the steps."""
        self.heard = _aloud
        _pipe(self._process.stdin).write(json.dumps({"interrupt": name}).encode() + b"\n")
        await asyncio.wait([done], timeout=_LAST_WORDS)

    async def _read_output(self) -> None:
        await drain(self._process.stderr, self._tell)

    def _tell(self, line: str) -> None:
        self.heard(line)

    async def _read_answers(self) -> None:
        failed = ""
        answers = _pipe(self._process.stdout)
        while line := await answers.readline():
            answer = json.loads(line)
            if "loaded" in answer:
                self._loaded.set_result(None)
            elif "failed" in answer:
                failed = answer["failed"]
            elif "span" in answer:
                self._told[answer["call"]](answer)
            elif (waiting := self._calls.pop(answer["call"], None)) and not waiting.done():
                self._told.pop(answer["call"], None)
                waiting.set_result(answer["status"])
        await self._process.wait()
        error = EngineError(f"module {self.source.name} cannot be loaded: {failed or 'its process ended'}")
        unanswered: list[asyncio.Future[Any]] = [self._loaded, *self._calls.values()]
        for future in unanswered:
            if not future.done():
                future.set_exception(error)
        if self._loaded.done():
            self._loaded.exception()  # told to whoever calls; never an unretrieved exception

    async def close(self) -> None:
        """End the process."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await asyncio.gather(*self._readers, return_exceptions=True)


def _aloud(line: str) -> None:
    """Print a line below all that is shown."""
    finish()
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _unheard(line: str) -> None:
    """Leave what a module prints before anyone listens."""


def _pipe(pipe: Pipe | None) -> Pipe:
    """Return a pipe of a process that was started with one."""
    if pipe is None:
        raise TypeError("the process has no such pipe")
    return pipe
