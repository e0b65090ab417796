"""Services: containers that run beside others, each in a network of its own, reached by loopback addresses."""

import asyncio
import collections
import contextlib
import hashlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagger_local import process
from dagger_local.errors import EngineError
from dagger_local.execution.container import Builder
from dagger_local.execution.forwarding import Network, forward
from dagger_local.execution.model import Command
from dagger_local.execution.runtime import Runtime
from dagger_local.execution.scrubbing import Scrubber
from dagger_local.progress import step
from dagger_local.store.snapshots import SnapshotStore

_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0
_TAIL_LINES = 20


@dataclass(frozen=True, slots=True)
class Binding:
    """Another service, by the loopback address and the ports at which this one reaches it."""

    address: str
    ports: tuple[int, ...]
    network: "Network"
    target: str


@dataclass(frozen=True, slots=True)
class End:
    """One end of a forwarded port; at the front, port 0 takes a free one."""

    network: Network
    host: str
    port: int


@dataclass(slots=True)
class Running:
    """A service that runs: `address` is where this machine and all containers on its network reach its ports."""

    name: str
    address: str
    ports: tuple[int, ...]
    network: Network
    target: str = "127.0.0.1"
    aliases: tuple[str, ...] = ()
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    pid: int = 0
    ended: "asyncio.Task[process.Completed] | None" = None
    tail: "collections.deque[str]" = field(default_factory=lambda: collections.deque(maxlen=_TAIL_LINES))

    @property
    def has_ended(self) -> bool:
        return self.ended is not None and self.ended.done()

    def binding(self) -> Binding:
        return Binding(self.address, self.ports, self.network, self.target)


def address_of(session: str, identity: str) -> str:
    """Choose a loopback address for a service of a session: 127.16.0.0 to 127.255.255.255, by digest."""
    digest = hashlib.sha256(f"{session} {identity}".encode()).digest()
    return f"127.{16 + digest[0] % 240}.{digest[1]}.{1 + digest[2] % 254}"


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

        Raises EngineError with the service's last lines when it ends before that or takes over a minute.
        """
        running = Running(name, self.address(address), tuple(ports), self._host, aliases=tuple(aliases))
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

                def heard(line: str) -> None:
                    running.tail.append(scrub(line))
                    this.log(running.tail[-1])

                running.ended = asyncio.create_task(process.run(argv, on_line=heard, check=False))
                running.stack.push_async_callback(self._kill, container.name, running)
                running.pid = await _pid(pid_file, running)
                await _accepting(running, checked)
        return running

    async def tunnel(self, name: str, upstream: Running, ports: Sequence[tuple[int, int]]) -> Running:
        """Open ports (front, back) of this machine's loopback that lead to a running service; front 0 is any."""
        running = Running(name, "127.0.0.1", (), self._host)
        async with _closed_on_failure(running.stack):
            opened = [
                await _forward(
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
                await _forward(running.stack, End(self._host, address, front), End(self._host, host, back))
        return running

    async def _connect(self, running: Running, bindings: Mapping[str, Binding]) -> None:
        """Make a network, open the service's ports in it to this machine, and the services it is bound to, to it."""
        network = Network(new=True)
        running.stack.callback(network.close)
        for port in running.ports:
            await _forward(running.stack, End(self._host, running.address, port), End(network, "127.0.0.1", port))
        for binding in bindings.values():
            for port in binding.ports:
                back = End(binding.network, binding.target, port)
                await _forward(running.stack, End(network, binding.address, port), back)
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
        if running.ended and not running.ended.done() and not kill and _catches_term(running.pid):
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


async def _forward(stack: contextlib.AsyncExitStack, front: End, back: End) -> int:
    """Listen at `front` and lead what comes to `back`; return the port that was opened."""
    try:
        listener = await front.network.listen(front.host, front.port)
    except OSError as error:
        instead = "one of 1024 or above, or run as root" if isinstance(error, PermissionError) else "another"
        message = f"port {front.port} cannot be opened at {front.host}: {error.strerror}; choose {instead}"
        raise EngineError(message) from None
    server = await forward(listener, lambda: back.network.connect(back.host, back.port))
    stack.callback(server.close)
    return int(listener.getsockname()[1])


async def _pid(pid_file: Path, running: Running) -> int:
    async for _ in _until_ended(running):
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(pid_file.read_text())
    raise _ended_early(running)


async def _accepting(running: Running, ports: Sequence[int]) -> None:
    for port in ports:
        async for _ in _until_ended(running):
            with contextlib.suppress(OSError):
                (await running.network.connect("127.0.0.1", port)).close()
                break
        else:
            raise _ended_early(running, port)


async def _until_ended(running: Running) -> AsyncIterator[None]:
    delay = 0.002
    deadline = asyncio.get_running_loop().time() + _READY_SECONDS
    while running.ended and not running.ended.done() and asyncio.get_running_loop().time() < deadline:
        yield
        await asyncio.wait([running.ended], timeout=delay)
        delay = min(delay * 1.5, 0.1)


def _ended_early(running: Running, port: int = 0) -> EngineError:
    said = "\n".join(running.tail) or "it printed nothing"
    if running.ended and running.ended.done():
        code = running.ended.result().exit_code
        return EngineError(f"service {running.name} ended with exit code {code} before it was ready:\n{said}")
    return EngineError(f"service {running.name} did not accept connections on port {port} within a minute:\n{said}")
