"""Services: containers that run beside others, each in a network of its own, reached by loopback addresses."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dagger_local import process
from dagger_local.execution.container import Builder
from dagger_local.execution.forwarding import Network
from dagger_local.execution.model import Command
from dagger_local.execution.running import Binding, End, Running, accepting, lead, pid_of
from dagger_local.execution.runtime import Runtime
from dagger_local.execution.scrubbing import Scrubber
from dagger_local.progress import step
from dagger_local.store.snapshots import SnapshotStore

_STOP_SECONDS = 10.0


class Services:
    """Starts services, each once a session, and stops them. All listeners are on loopback addresses."""

    def __init__(self, store: SnapshotStore, builder: Builder, runtime: Runtime) -> None:
        self._store = store
        self._builder = builder
        self._runtime = runtime
        self._host = Network()
        self._starting: dict[str, asyncio.Task[Running]] = {}

    async def ensure(self, identity: str, start: Callable[[], Awaitable[Running]]) -> Running:
        """Return the running service of this identity, starting it if it does not run (any more)."""
        task = self._starting.get(identity)
        if task is None or (task.done() and (_failed(task) or task.result().has_ended)):
            # Nothing is awaited before the new task has its place: of many who find an ended service, one starts it.
            task = self._starting[identity] = asyncio.create_task(_start_after(task, start))
        return await asyncio.shield(task)

    def named(self) -> list[tuple[str, str]]:
        """Return the chosen host names of services that run, with their addresses."""
        running = [task.result() for task in self._starting.values() if task.done() and not _failed(task)]
        return [(alias, each.address) for each in running for alias in each.aliases]

    def address(self, chosen: str) -> str:
        """Return where a service will be reached: `chosen`, where services have networks of their own."""
        return chosen if self._runtime.own_network else "127.0.0.1"

    async def start(
        self,
        name: str,
        address: str,
        command: Command,
        *,
        ports: Sequence[int],
        bindings: Mapping[str, Binding],
        checked: Sequence[int],
        aliases: Sequence[str] = (),
    ) -> Running:
        """Start `command` and return when its `checked` ports accept connections.

        Raises ExecError with what the service printed when it ends before that, EngineError after a minute.
        """
        running = Running(
            name, self.address(address), tuple(ports), self._host, aliases=tuple(aliases), command=command
        )
        with step(f"start service {name}") as this:
            async with _closed_on_failure(running.stack):
                draft = await running.stack.enter_async_context(self._store.draft())
                if self._runtime.own_network:
                    # All it is bound to is there before its first instruction.
                    await self._connect(running, bindings)
                container = await running.stack.enter_async_context(
                    self._builder.build(command, draft, network=running.network.path)
                )
                pid_file = container.bundle / "pid"
                argv = self._runtime.argv(container.bundle, container.name, pid_file)

                scrub = Scrubber(command)
                lines = process.run(argv, on_line=lambda line: this.log(scrub(line)), check=False)
                running.ended = asyncio.create_task(lines)
                running.stack.push_async_callback(self._kill, container.name, running)
                running.pid = await pid_of(pid_file, running)
                await accepting(running, checked)
        return running

    async def tunnel(self, name: str, upstream: Running, ports: Sequence[tuple[int, int]]) -> Running:
        """Open ports (front, back) of this machine's loopback that lead to a running service; front 0 is any."""
        running = Running(name, "127.0.0.1", (), self._host)
        async with _closed_on_failure(running.stack):
            opened = [
                await lead(
                    running.stack, End(self._host, "127.0.0.1", front), End(upstream.network, upstream.target, back)
                )
                for front, back in ports
            ]
        running.ports = tuple(opened)
        return running

    async def reach_host(self, name: str, address: str, host: str, ports: Sequence[tuple[int, int]]) -> Running:
        """Make ports (front, back) of `host`, as this machine reaches it, look like a service's."""
        if not self._runtime.own_network:
            return Running(name, host, tuple(back for _, back in ports), self._host, host)
        running = Running(name, address, tuple(front for front, _ in ports), self._host, address)
        async with _closed_on_failure(running.stack):
            for front, back in ports:
                await lead(running.stack, End(self._host, address, front), End(self._host, host, back))
        return running

    async def _connect(self, running: Running, bindings: Mapping[str, Binding]) -> None:
        """Make a network, open the service's ports in it to this machine, and the services it is bound to, to it."""
        network = Network(new=True)
        running.stack.callback(network.close)
        for port in running.ports:
            await lead(running.stack, End(self._host, running.address, port), End(network, "127.0.0.1", port))
        for binding in bindings.values():
            for port in binding.ports:
                back = End(binding.network, binding.target, port)
                await lead(running.stack, End(network, binding.address, port), back)
        running.network = network
        self._give_internet(running)

    def _give_internet(self, running: Running) -> None:
        """Let the service reach the world, where slirp4netns is installed; services seldom need it."""
        program = shutil.which("slirp4netns")
        if not program or not Path("/dev/net/tun").exists():
            return
        options = ("--configure", "--mtu=65520", "--disable-host-loopback", "--netns-type=path")
        words = [program, *options, str(running.network.path), "tap0"]
        task = asyncio.create_task(process.run(words, check=False))
        running.stack.push_async_callback(_cancel, task)

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
        self._host.close()

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
