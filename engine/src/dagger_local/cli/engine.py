"""What the command line needs of an engine; the real session is imported only where it is opened."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol


class Queries(Protocol):
    """Whatever answers GraphQL."""

    async def query(self, text: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the data of an answer; raises EngineError or ExecError for its errors."""
        ...


class Engine(Queries, Protocol):
    """A session: it answers queries, here and on a port, and serves one module."""

    port: int
    token: str

    async def load_module(self, path: Path) -> None:
        """Serve the module at `path`."""
        ...


@asynccontextmanager
async def engine(workdir: Path) -> AsyncIterator[Engine]:
    """Open a session in `workdir`; it ends, with all that it started, when left."""
    from dagger_local.session import open_session  # noqa: PLC0415 - the engine takes time to import

    async with open_session(workdir) as session:
        yield session
