"""The networks of a session: one for each container, all on one bridge, from which slirp4netns leads to the world.

The bridge lies in a network namespace of its own, and every container has one more: two can listen on the same port,
and none sees this machine's loopback. What leads out is a program that opens sockets on this machine (no link, address
or rule is added to it), so the kernel takes everything away when the session's processes are gone.
"""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TypeVar

from dagger_local import process
from dagger_local.errors import EngineError
from dagger_local.execution import netlink
from dagger_local.execution.forwarding import Network, forward, open_socket
from dagger_local.execution.namespaces import enter, new_namespace

MACHINE = "127.0.0.1"
"""The loopback address of this machine, and of each container."""
_BRIDGE, _TAP, _INSIDE = "br0", "tap0", "eth0"
_HARDWARE = bytes.fromhex("02d500000001")  # of the bridge: locally administered, and there once in its namespace
_MTU = 1500
"""Of all links, as on the ways out of most machines: where packets were larger, a TLS handshake got no answer."""
_OWN, _GATEWAY, _RESOLVER, _FIRST = 1, 2, 3, 256
"""Numbers in the range of addresses: the bridge's, those of slirp4netns(1), and the first of the containers'."""
_READY_SECONDS = 10.0
_INSTEAD = "or set DAGGER_LOCAL_NETWORK=host to let containers use this machine's network"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a container is on the network: its address, its namespace and what resolves names there.

    Without a namespace it has this machine's network.
    """

    address: str = MACHINE
    namespace: int | None = None
    resolver: str = ""

    @property
    def path(self) -> Path | None:
        """Where other processes find the namespace."""
        return None if self.namespace is None else Path(f"/proc/{os.getpid()}/fd/{self.namespace}")


class Networks:
    """Makes networks for containers. With `own` false all have this machine's, where a port is there for one only."""

    def __init__(self, *, own: bool = True) -> None:
        self.own = own
        self.machine = Network()
        self._thread = ThreadPoolExecutor(1, "network")
        self._stack = contextlib.AsyncExitStack()
        self._opening: asyncio.Task[None] | None = None
        self._range = free_range(Path("/proc/net/route").read_text())
        self._given = 0
        self._namespace = -1

    @property
    def bridge(self) -> Network:
        """The network that reaches every container by its address."""
        return Network(lambda: self._inside(open_socket)) if self.own else self.machine

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """Give a container a network of its own, and take it away again."""
        if not self.own:
            yield Place()
            return
        await self._open()
        address = self._next_address()
        namespace = await self._inside(lambda: self._plug_in(address))
        try:
            yield Place(str(address), namespace, str(self._range[_RESOLVER]))
        finally:
            os.close(namespace)

    async def address_for_machine(self) -> str:
        """Give the bridge one more address, at which ports of this machine can be opened to containers."""
        if not self.own:
            return MACHINE
        await self._open()
        address = self._next_address()
        await self._inside(lambda: netlink.add_address(_BRIDGE, address, 32))
        return str(address)

    async def lead_in(self, place: Place, port: int) -> asyncio.Server | None:
        """Open a port of a container's own loopback that leads to the same one of this machine's."""
        namespace = place.namespace
        if namespace is None:
            return None
        there = Network(lambda: self._inside(lambda: self._within(namespace, open_socket)))
        return await forward(await there.listen(MACHINE, port), lambda: self.machine.connect(MACHINE, port))

    async def close(self) -> None:
        """Take everything away; what still runs in a container loses its network."""
        if self._opening:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        await self._stack.aclose()
        self._thread.shutdown(wait=False)

    async def _open(self) -> None:
        """Make the bridge and lead it out, once; a failure is told to all who wait, and tried again later."""
        if self._opening is None or (self._opening.done() and self._opening.exception()):
            self._opening = asyncio.create_task(self._start())
        await asyncio.shield(self._opening)

    async def _start(self) -> None:
        self._namespace = await self._inside(self._make_bridge)
        self._stack.callback(os.close, self._namespace)
        options = (f"--cidr={self._range}", f"--mtu={_MTU}", "--disable-host-loopback", "--netns-type=path")
        path = f"/proc/{os.getpid()}/fd/{self._namespace}"
        if not shutil.which("slirp4netns"):
            how = "install it (on Debian: apt-get install slirp4netns)"
            raise EngineError(f"slirp4netns is not installed; {how}, {_INSTEAD}")
        running = asyncio.create_task(process.run(["slirp4netns", *options, path, _TAP], check=False))
        self._stack.push_async_callback(_cancel, running)
        deadline = asyncio.get_running_loop().time() + _READY_SECONDS
        while not await self._inside(_has_tap):
            done, _ = await asyncio.wait([running], timeout=0.002)
            if done or asyncio.get_running_loop().time() > deadline:
                said = running.result().stderr.strip().splitlines() if done else []
                reason = said[-1] if said else "it did not become ready"
                raise EngineError(f"slirp4netns cannot lead containers to the network: {reason}; mend that, {_INSTEAD}")
        await self._inside(lambda: netlink.bring_up(_TAP, socket.if_nametoindex(_BRIDGE)))

    def _make_bridge(self) -> int:
        namespace = new_namespace()
        netlink.add_bridge(_BRIDGE, _MTU, _HARDWARE)
        netlink.add_address(_BRIDGE, self._range[_OWN], self._range.prefixlen)
        return namespace

    def _plug_in(self, address: IPv4Address) -> int:
        """Make a namespace with a cable to the bridge; return its descriptor."""
        namespace = new_namespace()
        try:
            enter(self._namespace)
            name = f"c{int(address) - int(self._range[0])}"
            netlink.add_pair(name, _INSIDE, namespace, socket.if_nametoindex(_BRIDGE), _MTU)
            self._within(namespace, lambda: self._set_up(address))
        except BaseException:
            os.close(namespace)
            raise
        return namespace

    def _set_up(self, address: IPv4Address) -> None:
        netlink.bring_up(_INSIDE)
        netlink.add_address(_INSIDE, address, self._range.prefixlen)
        netlink.add_default_route(self._range[_GATEWAY])

    def _within(self, namespace: int, action: Callable[[], _T]) -> _T:
        enter(namespace)
        try:
            return action()
        finally:
            enter(self._namespace)

    def _next_address(self) -> IPv4Address:
        self._given += 1
        return self._range[_FIRST + self._given % (self._range.num_addresses - _FIRST - 1)]

    async def _inside(self, action: Callable[[], _T]) -> _T:
        """Do something in the one thread that is in the bridge's namespace."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, action)


def free_range(routes: str) -> IPv4Network:
    """Choose addresses that none of the machine's routes (/proc/net/route) leads to, so that containers reach those."""
    taken = []
    for line in routes.splitlines()[1:]:
        _, target, _, _, _, _, _, mask, *_ = line.split()
        taken.append(IPv4Network((_address(target), int(mask, 16).bit_count())))
    ranges = [IPv4Network(f"10.{number}.0.0/16") for number in range(213, 150, -1)]
    used = [network for network in taken if network.prefixlen > 8]  # a wider route leaves no choice
    return next((each for each in ranges if not any(each.overlaps(network) for network in used)), ranges[0])


def _address(text: str) -> IPv4Address:
    return IPv4Address(bytes.fromhex(text)[::-1])


def _has_tap() -> bool:
    return any(name == _TAP for _, name in socket.if_nameindex())


async def _cancel(task: "asyncio.Future[process.Completed]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
