"""What the command line needs of an engine; the real session is imported only where it is opened."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from dagger_local.errors import EngineError
from dagger_local.modules.process import start_module
from dagger_local.state import default_state

_HEAD_START = 0.1
"""Seconds: importing holds up what else there is to do, and to start a module's process takes a tenth of this."""


class Queries(Protocol):
    """Whatever answers GraphQL."""

    async def query(self, text: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the data of an answer; raises EngineError or ExecError for its errors."""
        ...


class Engine(Queries, Protocol):
    """A session: it answers queries, here and on a port, and serves one module."""

    port: int
    token: str

    async def load_module(self, path: Path, *, entrypoint: bool = False) -> None:
        """Serve the module at `path`; as an `entrypoint`, its functions are fields of the root too."""
        ...


@asynccontextmanager
async def engine(workdir: Path, module: Path | None = None) -> AsyncIterator[Engine]:
    """Open a session in `workdir`; it ends, with all that it started, when left.

    The process of `module`, which will be asked for, starts first: it imports while the engine does.
    """
    state = default_state()
    with in_use(state):
        starting = asyncio.create_task(start_module(module, state)) if module else None
        if starting:
            await asyncio.wait([starting], timeout=_HEAD_START)
        session = await asyncio.to_thread(import_module, "dagger_local.session")
        async with session.open_session(workdir, state=state, starting=starting) as opened:
            yield opened


@contextmanager
def in_use(state: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the storage, beside others or `alone`; the kernel lets go when the process dies, however it dies.

    Raises EngineError when the storage cannot be made, or is to be held alone while a session uses it.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(state / "in-use", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EngineError(f"{state}: {error.strerror}; set DAGGER_LOCAL_STATE to a folder that you own") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
        except BlockingIOError:
            raise EngineError(f"a session is using {state}; end it and run prune again") from None
        yield
    finally:
        os.close(descriptor)
