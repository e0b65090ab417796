"""Carry TCP connections between network namespaces through sockets that were opened inside them."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path


def open_socket() -> socket.socket:
    """Open a socket in the calling thread's network namespace, where it stays."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


async def _open_here() -> socket.socket:
    return open_socket()


class Network:
    """A network to connect to and to listen in: that of the sockets that `opened` gives, or this machine's."""

    def __init__(self, opened: Callable[[], Awaitable[socket.socket]] = _open_here) -> None:
        self._opened = opened

    async def connect(self, host: str, port: int) -> socket.socket:
        """Connect to an address of this network."""
        sock = await self._opened()
        try:
            # A name is looked up by this machine, whatever the namespace.
            address = "127.0.0.1" if host == "localhost" else host
            await asyncio.get_running_loop().sock_connect(sock, (address, port))
        except BaseException:
            sock.close()
            raise
        return sock

    async def listen(self, host: str, port: int) -> socket.socket:
        """Listen on an address of this network; port 0 takes a free one."""
        sock = await self._opened()
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
            sock.listen(512)
        except BaseException:
            sock.close()
            raise
        return sock


async def forward(listener: socket.socket, connect: Callable[[], Awaitable[socket.socket]]) -> asyncio.Server:
    """Answer every connection to `listener` with one made by `connect`, bytes carried both ways."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other_writer = await asyncio.open_connection(sock=await connect())
        except OSError:
            writer.transport.abort()  # the client sees a reset, as from a closed port
            return
        try:
            await asyncio.gather(_carry(reader, other_writer), _carry(other_reader, writer))
        except ConnectionError:
            # One end was cut: let the other see it, not a clean end.
            writer.transport.abort()
            other_writer.transport.abort()
        finally:
            writer.close()
            other_writer.close()

    return await asyncio.start_server(serve, sock=listener)


async def lead_socket(place: Path, source: Path, owner: tuple[int, int]) -> asyncio.Server:
    """Open a Unix socket of `owner`'s, and of no one else's, that leads to another."""

    async def connect() -> socket.socket:
        there = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        await asyncio.get_running_loop().sock_connect(there, str(source))
        return there

    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    listener.bind(str(place))
    listener.listen(128)
    place.chmod(0o600)
    os.chown(place, *owner)
    return await forward(listener, connect)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until the sender ends; the other way may go on."""
    while data := await reader.read(1 << 18):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError):  # the receiver has gone already
        writer.write_eof()
