"""A module's process, as the engine sees it: started early, asked for calls, gone with the engine."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.modules import worker
from dagger_local.modules.environment import environment_of, python_of
from dagger_local.modules.source import ModuleSource, find_module
from dagger_local.process import drain


async def start_module(path: Path, state: Path) -> "ModuleProcess":
    """Start the process of the module in `path` (or above it), its dependencies installed first if need be."""
    source = await asyncio.to_thread(find_module, path)
    process = ModuleProcess(source, await python_of(source, state))
    await process.start()
    return process


class ModuleProcess:
    """Runs `worker.py` with the module's interpreter."""

    def __init__(self, source: ModuleSource, python: Path) -> None:
        self.source = source
        self.python = python
        self._process: asyncio.subprocess.Process | None = None
        self._calls: dict[str, asyncio.Future[int]] = {}
        self._loaded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers: list[asyncio.Task[object]] = []
        self.heard: Callable[[str], None] = lambda line: None

    async def start(self) -> None:
        """Start importing the module; `call` waits until that is done."""
        self._process = await asyncio.create_subprocess_exec(
            *(str(self.python), "-P", worker.__file__, self.source.entry_point),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment_of(self.source),
            cwd=self.source.root,
        )
        self._readers = [
            asyncio.create_task(self._read_answers(self._process)),
            asyncio.create_task(drain(self._process.stderr, lambda line: self.heard(line))),
        ]

    async def call(self, name: str, port: int, token: str, cwd: Path, register: Path | None = None) -> int:
        """Run one call, a client of the session by its port and token, to its end; return its exit status."""
        await asyncio.shield(self._loaded)
        assert self._process is not None and self._process.stdin is not None
        done = self._calls[name] = asyncio.get_running_loop().create_future()
        order = {"call": name, "port": port, "token": token, "cwd": str(cwd), "register": str(register) if register else None}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()
        return await done

    async def _read_answers(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        failed = ""
        while line := await process.stdout.readline():
            answer = json.loads(line)
            if "loaded" in answer:
                self._loaded.set_result(None)
            elif "failed" in answer:
                failed = answer["failed"]
            elif waiting := self._calls.pop(answer["call"], None):
                if not waiting.done():
                    waiting.set_result(answer["status"])
        await process.wait()
        error = EngineError(f"module {self.source.name} cannot be loaded: {failed or 'its process ended'}")
        for waiting in (self._loaded, *self._calls.values()):
            if not waiting.done():
                waiting.set_exception(error)
        if self._loaded.done():
            self._loaded.exception()  # told to whoever calls; never an unretrieved exception

    async def close(self) -> None:
        """End the process."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await asyncio.gather(*self._readers, return_exceptions=True)
