"""A proxy in front of a registry: it keeps a log, and fails, delays or cuts the requests it is told to."""

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding: *chunked", re.IGNORECASE | re.MULTILINE)

_WHOLE = re.compile(rb"HTTP/1\.1 [2-5]")  # an answer, after which another can come, and no word in advance
_CLOSES = re.compile(rb"^connection: *close\r\n", re.IGNORECASE | re.MULTILINE)

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Fault = Callable[["Request"], Awaitable[bytes | None]]
Amend = Callable[["Request", bytes], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request that came by."""

    method: str
    path: str

    @property
    def writes(self) -> bool:
        """Tell whether it changes the registry."""
        return self.method not in {"GET", "HEAD"}


@dataclass(slots=True)
class Proxy:
    """Answers on a loopback port with what the target answers.

    It keeps its connections to the target. Those to a service that Dagger's engine 0.21.8 tunnels are never closed
    there, and are told apart by the port of whoever connects: some thousands later, a new one is taken for an old one,
    and hangs.

    `fault` is asked first: bytes are sent instead and the connection is closed, None lets the request through. `amend`
    may change the head of what the target answers.
    """

    target: tuple[str, int]
    requests: list[Request] = field(default_factory=list)
    fault: Fault | None = None
    amend: Amend | None = None
    port: int = 0
    _idle: list[_Connection] = field(default_factory=list)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve in a thread of its own."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(self._start(), loop).result()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(self._end(server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def clear(self) -> None:
        """Forget the log and the fault."""
        self.requests.clear()
        self.fault = None

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, whole = await self._connected(), True
        try:
            while head := await _head(reader):
                method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
                request = Request(method, path)
                self.requests.append(request)
                if self.fault and (answer := await self.fault(request)) is not None:
                    writer.write(answer)
                    await writer.drain()
                    break
                whole = False
                upstream[1].write(_CLOSES.sub(b"", head))
                await _body(head, reader, upstream[1])
                answer_head = await _head(upstream[0])
                if self.amend:
                    answer_head = await self.amend(request, answer_head)
                writer.write(answer_head)
                bodiless = method == "HEAD" or answer_head.split(b" ", 2)[1] in {b"204", b"304"}
                if not bodiless:
                    await _body(answer_head, upstream[0], writer)
                whole = bool(_WHOLE.match(answer_head)) and not _CLOSES.search(answer_head)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError):
            pass  # either side is gone, which is what some tests are about
        finally:
            if whole:
                self._idle.append(upstream)
            else:
                upstream[1].close()
            writer.close()

    async def _connected(self) -> _Connection:
        """Return a connection to the target that nobody uses."""
        while self._idle:
            connection = self._idle.pop()
            if not connection[0].at_eof() and not connection[1].is_closing():
                return connection
            connection[1].close()
        return await asyncio.open_connection(*self.target)

    async def _end(self, server: asyncio.Server) -> None:
        """Close the server and every connection that is open."""
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for _, writer in self._idle:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in self._idle), return_exceptions=True)


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def _body(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if _CHUNKED.search(head):
        while True:
            line = await reader.readline()
            size = int(line.split(b";")[0], 16)
            writer.write(line + await reader.readexactly(size + 2))
            if not size:
                break
    elif length := _LENGTH.search(head):
        left = int(length[1])
        while left:
            data = await reader.read(min(left, 1 << 16))
            if not data:
                break
            writer.write(data)
            left -= len(data)
    await writer.drain()
