"""Services: containers that run beside others, and ports of this machine given to containers or the other way round."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from dagger_local import process
from dagger_local.execution.container import Builder
from dagger_local.execution.model import Command
from dagger_local.execution.network import MACHINE, Networks
from dagger_local.execution.running import End, Running, accepting, lead, pid_of
from dagger_local.execution.runtime import Runtime
from dagger_local.execution.scrubbing import Scrubber
from dagger_local.progress import step
from dagger_local.store.snapshots import SnapshotStore

_STOP_SECONDS = 10.0


class Services:
    """Starts services, each once a session, and stops them."""

    def __init__(self, store: SnapshotStore, builder: Builder, runtime: Runtime, networks: Networks) -> None:
        self._store = store
        self._builder = builder
        self._runtime = runtime
        self._networks = networks
        self._starting: dict[str, asyncio.Task[Running]] = {}

    async def ensure(self, identity: str, start: Callable[[], Awaitable[Running]]) -> Running:
        """Return the running service of this identity, starting it if it does not run (any more)."""
        task = self._starting.get(identity)
        if task is None or (task.done() and (_failed(task) or task.result().has_ended)):
            # Nothing is awaited before the new task has its place: of many who find an ended service, one starts it.
            task = self._starting[identity] = asyncio.create_task(_start_after(task, start))
        return await asyncio.shield(task)

    def named(self) -> dict[str, str]:
        """Return the names of services that run, with their addresses."""
        running = [task.result() for task in self._starting.values() if task.done() and not _failed(task)]
        return {name: each.address for each in running for name in each.names}

    async def start(
        self, names: Sequence[str], command: Command, *, ports: Sequence[int], checked: Sequence[int]
    ) -> Running:
        """Start `command` and return when its `checked` ports accept connections.

        Raises ExecError with what the service printed when it ends before that, EngineError after a minute.
        """
        running = Running("", tuple(ports), self._networks.bridge, tuple(names), command=command)
        with step(f"start service {names[0]}", shown=1, heard=2) as this:
            async with _closed_on_failure(running.stack):
                draft = await running.stack.enter_async_context(self._store.draft())
                container = await running.stack.enter_async_context(self._builder.build(command, draft))
                running.address = container.place.address
                pid_file = container.bundle / "pid"
                argv = self._runtime.argv(container.bundle, container.name, pid_file)

                scrub = Scrubber(command)
                lines = process.run(argv, on_line=lambda line: this.log(scrub(line)), check=False)
                running.ended = asyncio.create_task(lines)
                running.stack.push_async_callback(self._kill, container.name, running)
                running.pid = await pid_of(pid_file, running)
                await accepting(running, checked)
        return running

    async def tunnel(self, upstream: Running, ports: Sequence[tuple[int, int]]) -> Running:
        """Open ports (front, back) of this machine's loopback that lead to a running service; front 0 is any."""
        running = Running(MACHINE, (), self._networks.machine)
        async with _closed_on_failure(running.stack):
            opened = [
                await lead(
                    running.stack,
                    End(self._networks.machine, MACHINE, front),
                    End(upstream.network, upstream.address, back),
                )
                for front, back in ports
            ]
        running.ports = tuple(opened)
        return running

    async def on_machine(self, running: Running, port: int) -> str:
        """Return where this machine itself reaches a port of a service, opening it there for as long as that runs."""
        if running.network is self._networks.machine:
            return f"{running.address}:{port}"
        if port not in running.opened:
            front, back = End(self._networks.machine, MACHINE, 0), End(running.network, running.address, port)
            running.opened[port] = f"{MACHINE}:{await lead(running.stack, front, back)}"
        return running.opened[port]

    async def reach_host(self, names: Sequence[str], host: str, ports: Sequence[tuple[int, int]]) -> Running:
        """Make ports (front, back) of `host`, as this machine reaches it, look like a service's."""
        machine = self._networks.machine
        if not self._networks.own:
            return Running(host, tuple(back for _, back in ports), machine, tuple(names))
        address = await self._networks.address_for_machine()
        running = Running(address, tuple(front for front, _ in ports), self._networks.bridge, tuple(names))
        async with _closed_on_failure(running.stack):
            for front, back in ports:
                await lead(running.stack, End(running.network, address, front), End(machine, host, back))
        return running

    async def stop(self, identity: str, *, kill: bool = False) -> None:
        """Ask the service to end, and after ten seconds (or at once with `kill`) make it end."""
        task = self._starting.pop(identity, None)
        if task is None:
            return
        if not task.done():
            await _cancel(task)
            return
        if _failed(task):
            return
        running = task.result()
        if running.ended and not running.ended.done() and not kill and (running.has_init or _catches_term(running.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, signal.SIGTERM)
            await asyncio.wait([running.ended], timeout=_STOP_SECONDS)
        await running.stack.aclose()

    async def close(self) -> None:
        """Stop all services at once, also when one of them fails to."""
        stopping = [self.stop(identity, kill=True) for identity in list(self._starting)]
        await asyncio.gather(*stopping, return_exceptions=True)

    async def _kill(self, name: str, running: Running) -> None:
        await self._runtime.remove(name)
        if running.ended:
            await _cancel(running.ended)


async def _start_after(before: "asyncio.Task[Running] | None", start: Callable[[], Awaitable[Running]]) -> Running:
    """Take down what is left of a service that ended, then start it again."""
    if before and not _failed(before):
        await before.result().stack.aclose()
    return await start()


@contextlib.asynccontextmanager
async def _closed_on_failure(stack: contextlib.AsyncExitStack) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        await asyncio.shield(stack.aclose())
        raise


def _catches_term(pid: int) -> bool:
    """Whether a container's first process does something about SIGTERM: what has no handler there is dropped."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return False
    caught = next((line.split()[1] for line in lines if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def _failed(task: "asyncio.Future[Running]") -> bool:
    return task.cancelled() or task.exception() is not None


async def _cancel(task: "asyncio.Future[Any]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
