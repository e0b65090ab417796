"""A service that runs: where it is reached, and when it is ready."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dagger_local import process
from dagger_local.errors import EngineError, ExecError
from dagger_local.execution.forwarding import Network, forward
from dagger_local.execution.init import why_not_started
from dagger_local.execution.model import Command
from dagger_local.execution.scrubbing import Scrubber

_READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class End:
    """One end of a forwarded port; at the front, port 0 takes a free one."""

    network: Network
    host: str
    port: int


@dataclass(slots=True)
class Running:
    """A service that runs: `address` is where containers reach its ports, by one of its `names` or of their own.

    `network` is the one in which that address is known to the engine.
    """

    address: str
    ports: tuple[int, ...]
    network: Network
    names: tuple[str, ...] = ()
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    pid: int = 0
    ended: "asyncio.Task[process.Completed] | None" = None
    command: Command | None = None
    opened: dict[int, str] = field(default_factory=dict)
    """Ports that are open on this machine too, with where."""

    @property
    def has_init(self) -> bool:
        """Whether its first process hands on signals."""
        return self.command is not None and not self.command.no_init

    @property
    def has_ended(self) -> bool:
        return self.ended is not None and self.ended.done()


async def lead(stack: contextlib.AsyncExitStack, front: End, back: End) -> int:
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


async def pid_of(pid_file: Path, running: Running) -> int:
    """Return the number of the service's first process, once its runtime has written it down."""
    async for _ in _until_ended(running):
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(pid_file.read_text())
    if running.ended and running.ended.done() and running.ended.result().exit_code == 0:
        return 0  # it was quick; whether that is too early, the ports say
    raise _ended_early(running)


async def accepting(running: Running, ports: Sequence[int]) -> None:
    """Wait until all ports accept connections; raises ExecError when the service ends before."""
    for port in ports:
        async for _ in _until_ended(running):
            with contextlib.suppress(OSError):
                (await running.network.connect(running.address, port)).close()
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
    if running.command is None or running.ended is None or not running.ended.done():
        return EngineError(f"service {running.names[0]} did not accept connections on port {port} within a minute")
    done, scrub = running.ended.result(), Scrubber(running.command)
    if missing := why_not_started(running.command.args[0], done.stderr):
        return ExecError(list(running.command.args), 1, "", missing)
    reason = "" if done.exit_code else "service exited before healthcheck"
    return ExecError(list(running.command.args), done.exit_code, scrub(done.stdout), scrub(done.stderr), reason)
