"""A module's process, as the engine sees it: started early, asked for calls, gone with the engine."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.modules import worker
from dagger_local.modules.environment import environment_of
from dagger_local.modules.source import ModuleSource
from dagger_local.process import drain


class ModuleProcess:
    """Runs `worker.py` with the module's interpreter."""

    def __init__(self, source: ModuleSource) -> None:
        self._source = source
        self._process: asyncio.subprocess.Process | None = None
        self._calls: dict[str, asyncio.Future[int]] = {}
        self._loaded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers: list[asyncio.Task[object]] = []
        self.heard: Callable[[str], None] = lambda line: None

    async def start(self, python: Path, port: int) -> None:
        """Start importing the module; `call` waits until that is done."""
        self._process = await asyncio.create_subprocess_exec(
            *(str(python), "-P", worker.__file__, self._source.entry_point),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment_of(self._source, port),
            cwd=self._source.root,
        )
        self._readers = [
            asyncio.create_task(self._read_answers(self._process)),
            asyncio.create_task(drain(self._process.stderr, lambda line: self.heard(line))),
        ]

    async def call(self, name: str, token: str, cwd: Path, register: Path | None = None) -> int:
        """Run one call to its end and return its process's exit status."""
        await asyncio.shield(self._loaded)
        assert self._process is not None and self._process.stdin is not None
        done = self._calls[name] = asyncio.get_running_loop().create_future()
        order = {"call": name, "token": token, "cwd": str(cwd), "register": str(register) if register else None}
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
        error = EngineError(f"module {self._source.name} cannot be loaded: {failed or 'its process ended'}")
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
