"""A session: an engine, its API on a loopback port, and at most one module served in it."""

import asyncio
import base64
import contextlib
import json
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dagger_local.api.classes import class_of, field_of
from dagger_local.api.client import Client
from dagger_local.api.evaluate import Evaluator
from dagger_local.api.execution import cause, response, run
from dagger_local.api.introspection import Introspections
from dagger_local.api.objects.module import Module
from dagger_local.api.objects.query import Query
from dagger_local.api.prepared import Prepared
from dagger_local.api.resolver import Context
from dagger_local.engine import Engine, open_engine
from dagger_local.modules import definitions
from dagger_local.modules.marked import with_marked
from dagger_local.modules.process import ModuleProcess, Process, start_module
from dagger_local.modules.registration import refuse_external, register
from dagger_local.modules.served import ServedModule
from dagger_local.modules.source import ModuleSource, env_files
from dagger_local.modules.types import schema_of
from dagger_local.state import default_state
from dagger_local.store.snapshots import key_of

if TYPE_CHECKING:
    from dagger_local.modules.dependencies import Bound, Dependencies

Starting = asyncio.Task[ModuleProcess | ModuleSource]

_RECURSION = 10_000
"""A chain of some hundred calls is one deeply nested query, which graphql-core walks by recursion."""


class Session:
    """What a client speaks to. `port` and `token` are those of the session protocol."""

    def __init__(self, engine: Engine, workdir: Path, port: int, starting: "Starting | None") -> None:
        self.port = port
        self.token = secrets.token_hex(16)
        self._engine = engine
        self._owner = Client("main", workdir, dict(os.environ))
        nested = Client("nested", workdir, nested=True)
        engine.port, engine.nested_token = port, secrets.token_hex(16)
        self._clients = {self.token: self._owner, engine.nested_token: nested}
        self._prepared = Prepared(engine.store)
        self._introspections = Introspections(engine.store)
        self._starting = starting
        self._module: ModuleProcess | None = None
        self._dependencies: Dependencies | None = None
        self._served: dict[str, Any] = {}
        engine.evaluator.root = Query(engine, self._served)
        engine.evaluator.clients |= {client.id: client for client in self._clients.values()}

    async def query(self, text: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Answer a query of the session's owner; raises EngineError or ExecError for its first error."""
        known = self._introspections.find(text)
        if known:
            return dict(json.loads(known)["data"])
        result = await run(self._prepared, self._context(self._owner), text, variables)
        if result.errors:
            raise cause(result.errors[0])
        self._introspections.keep(text, response(result))
        return result.data or {}

    async def answer(self, token: str, body: Mapping[str, Any], traceparent: str = "") -> bytes | None:
        """Answer a request of the client with this token; None when there is no such client."""
        client = self._clients.get(token)
        if client is None:
            return None
        text = str(body.get("query", ""))
        known = self._introspections.find(text)
        if known:
            return known
        async with client.spans.containing(traceparent) if client.spans else contextlib.nullcontext():
            about = body.get("variables"), body.get("operationName")
            answer = response(await run(self._prepared, self._context(client), text, *about))
        self._introspections.keep(text, answer)
        return answer

    async def load_module(self, path: Path, *, entrypoint: bool = False) -> None:
        """Serve the module in `path` (or above it), as `dagger -m` does.

        As an `entrypoint`, its functions are fields of the root as well.
        """
        started, self._starting = self._starting, None
        found = await (started or start_module(path, self._engine.state))
        bound = None
        if isinstance(found, ModuleSource):
            from dagger_local.modules.dependencies import Dependencies  # noqa: PLC0415 - few modules have any

            self._dependencies = Dependencies(self._engine, self._define, self._serve)
            found, bound = await self._dependencies.start(found)
        self._module = found
        source = found.source
        served = self._serve(source, await self._define(source, found, bound), found)
        definition = shown = with_marked(served)
        if self._dependencies and bound:
            definition, shown = self._dependencies.offered(definition, source, bound)
        self._served |= {"definition": definition, "source": source.root}
        below = self._dependencies.definitions if self._dependencies else ()
        self._show([*below, shown], served, entrypoint=entrypoint)

    def _show(self, shown: Sequence[Module], served: ServedModule, *, entrypoint: bool) -> None:
        """Make the schema of the modules that are `shown`; as an `entrypoint`, one has its functions at the root."""
        parts = [*map(schema_of, shown)]
        told = [*map(definitions.text, shown)]
        if entrypoint:
            from dagger_local.modules import entrypoint as at_the_root  # noqa: PLC0415 - only `query` asks for it

            more, methods = at_the_root.entrypoint(served, self._prepared.root_fields)
            self._engine.evaluator.functions |= methods
            parts, told = [*parts, more], [*told, more]
        self._prepared.close()
        self._prepared = Prepared(self._engine.store, "\n".join(parts))
        self._introspections = Introspections(self._engine.store, "\n".join(told))

    async def _define(self, source: ModuleSource, process: Process, bound: "Bound | None") -> Module:
        """Return a module's definition: the one that is kept, else the module is asked for it."""
        key = await asyncio.to_thread(definitions.key_of_source, source, process.python)
        key = key_of(key, bound.file.name) if bound else key
        definition = definitions.load(self._engine, key)
        if definition is None:
            definition = await register(self._engine, source, process, self._admit)
            if bound:
                refuse_external(definition, bound.module_of)
            definitions.keep(self._engine, key, definition)
        files = env_files(source.root, self._owner.workdir)
        if not any(files):
            return definition
        from dagger_local.modules.user_defaults import with_user_defaults  # noqa: PLC0415 - few have any

        return await asyncio.to_thread(with_user_defaults, definition, source.name, *files, self._owner.env)

    def _serve(self, source: ModuleSource, definition: Module, process: Process) -> ServedModule:
        served = ServedModule(
            *(self._engine, source, definition, process),
            admit=self._admit,
            dismiss=self._dismiss,
            owner=self._owner,
        )
        self._engine.evaluator.functions |= served.methods()
        return served

    def _context(self, client: Client) -> Context:
        return Context(self._engine.evaluator, client, self._engine.secrets)

    def _admit(self, token: str, client: Client) -> None:
        self._clients[token] = client
        self._engine.evaluator.clients[client.id] = client

    def _dismiss(self, token: str) -> None:
        self._clients.pop(token, None)

    async def close(self) -> None:
        """End the module's process, and with it the calls that wait for it."""
        if self._starting:
            self._starting.cancel()
        if self._module:
            await self._module.close()
        if self._dependencies:
            await self._dependencies.close()
        self._prepared.close()


@contextlib.asynccontextmanager
async def open_session(
    workdir: Path, *, state: Path | None = None, starting: "Starting | None" = None
) -> AsyncIterator[Session]:
    """Open a session whose relative paths start at `workdir`; all that it started ends with it.

    `starting` is the process of the module that `load_module` will ask for, where it was started early.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    async with open_engine(state or default_state(), Evaluator(class_of, field_of)) as engine:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            # asyncio sets this only on sockets that name their protocol; without it each answer waits 40 ms for an ACK.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session = Session(engine, workdir.resolve(), listener.getsockname()[1], starting)
            application = _application(session)
            server = _Server(uvicorn.Config(application, log_level="critical", lifespan="off", access_log=False))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                yield session
            finally:
                await session.close()
                server.ended.set()
                await serving


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which are the command line's business, and ended without waiting."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ended = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()


def _application(session: Session) -> Starlette:
    async def query(request: Request) -> Response:
        answer = await session.answer(_user(request), await request.json(), request.headers.get("traceparent", ""))
        if answer is None:
            body = {"errors": [{"message": "this session does not know that token"}]}
            return Response(json.dumps(body), 401, media_type="application/json")
        return Response(answer, media_type="application/json")

    return Starlette(routes=[Route("/query", query, methods=["POST"])])


def _user(request: Request) -> str:
    """Return the user name of basic authentication, which is the token."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded).decode().partition(":")[0]
    except ValueError:
        return ""
