"""Carry TCP connections between network namespaces through sockets that were opened inside them."""

import asyncio
import contextlib
import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dagger_local.errors import EngineError

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914  # netdevice(7)
_IFF_UP = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Network:
    """A network namespace to open sockets in: this machine's, or a `new` one, whose loopback device is up.

    A socket stays in the namespace of the thread that opened it, and only that thread is in the new one
    (unshare(2)). The namespace is there before anything runs in it; `path` names it while it is open.
    Raises EngineError when the kernel refuses a new one.
    """

    def __init__(self, *, new: bool = False) -> None:
        self._namespace: int | None = None
        self._thread = ThreadPoolExecutor(1, "network")
        if new:
            try:
                self._namespace = self._thread.submit(_new_namespace).result()
            except BaseException:
                self.close()
                raise

    @property
    def path(self) -> Path | None:
        """Where other processes find the namespace; None for this machine's."""
        return None if self._namespace is None else Path(f"/proc/{os.getpid()}/fd/{self._namespace}")

    async def connect(self, host: str, port: int) -> socket.socket:
        """Connect to an address of this namespace."""
        loop = asyncio.get_running_loop()
        sock = await loop.run_in_executor(self._thread, self._socket)
        try:
            # A name is looked up by this machine, whatever the namespace.
            address = "127.0.0.1" if host == "localhost" else host
            await loop.sock_connect(sock, (address, port))
        except BaseException:
            sock.close()
            raise
        return sock

    async def listen(self, host: str, port: int) -> socket.socket:
        """Listen on an address of this namespace; port 0 takes a free one."""
        loop = asyncio.get_running_loop()
        sock = await loop.run_in_executor(self._thread, self._socket)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
            sock.listen(512)
        except BaseException:
            sock.close()
            raise
        return sock

    def _socket(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def close(self) -> None:
        self._thread.shutdown(wait=False)
        if self._namespace is not None:
            os.close(self._namespace)
            self._namespace = None


def _new_namespace() -> int:
    """Move this thread into a new network namespace, bring its loopback device up, return it as a descriptor."""
    if _libc.unshare(_CLONE_NEWNET):
        reason = os.strerror(ctypes.get_errno())
        instead = "set DAGGER_LOCAL_RUNTIME=chroot to let services use this machine's network"
        raise EngineError(f"this machine gives no network namespace ({reason}); {instead}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", _IFF_UP))
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


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


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until the sender ends; the other way may go on."""
    while data := await reader.read(1 << 18):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError):  # the receiver has gone already
        writer.write_eof()
