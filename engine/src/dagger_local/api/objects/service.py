"""Service: a container that runs beside others, or a port of the host given to them."""

import asyncio
import base64
import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dagger_local.api.objects.base import Object, fresh
from dagger_local.api.objects.small import Port
from dagger_local.errors import EngineError
from dagger_local.execution.model import Command
from dagger_local.execution.running import Running

if TYPE_CHECKING:
    from collections.abc import Mapping


def name_of(identity: str) -> str:
    """Name a host by what a service is made of: 13 letters and digits, as long as Dagger's."""
    return base64.b32encode(hashlib.sha256(identity.encode()).digest()).decode()[:13].lower()


@dataclass(frozen=True, slots=True)
class Service(Object):
    """A service, not yet running. `identity` names it: the same container is the same service."""

    identity: str
    command: Command | None = None
    described: tuple[Port, ...] = ()
    bindings: tuple[tuple[str, "Service"], ...] = ()
    host_name: str = ""
    forwards: "tuple[Mapping[str, Any], ...]" = ()
    target: str = "localhost"
    upstream: "Service | None" = None

    async def running(self) -> Running:
        """Start the service unless it runs, and return where it is reached."""
        return await self.engine.services.ensure(self.identity, self._start)

    async def _start(self) -> Running:
        services = self.engine.services
        if self.upstream is not None:
            return await services.tunnel(await self.upstream.running(), self._forwarded(self.upstream))
        if self.command is None:
            return await services.reach_host([self.hostname()], self.target, self._forwarded())
        bound = {alias: (await service.running()).address for alias, service in self.bindings}
        return await services.start(
            [self.hostname()],
            replace(self.command, hosts={**services.named(), **bound}),
            ports=[port.port for port in self.described],
            checked=[each.port for each in self._tcp() if not each.experimental_skip_healthcheck],
        )

    def _forwarded(self, service: "Service | None" = None) -> list[tuple[int, int]]:
        """Return pairs of ports, front and back; a front of 0 is chosen when it starts."""
        given = [
            (each.get("frontend") or (0 if service else each["backend"]), each["backend"]) for each in self.forwards
        ]
        if service and not given and not service.described:
            raise EngineError("no ports to forward")
        return given or [(0, port.port) for port in (service.described if service else ())]

    def _tcp(self) -> list[Port]:
        return [port for port in self.described if port.protocol == "TCP"]

    def hostname(self) -> str:
        """Return a name by which containers reach the service while it runs; a tunnel is on this machine."""
        return "127.0.0.1" if self.upstream else self.host_name or name_of(self.identity)

    async def endpoint(self, port: int | None = None, scheme: str = "") -> str:
        running = await self.running() if self.upstream else None
        ports = running.ports if running else [each.port for each in self.described]
        if port is None and not ports:
            raise EngineError("no ports exposed")
        where = f"{self.hostname()}:{port if port is not None else ports[0]}"
        return f"{scheme}://{where}" if scheme else where

    async def ports(self) -> list[Port]:
        if self.upstream:
            running = await self.running()
            return [Port(self.engine, port) for port in running.ports]
        return list(self.described)

    async def start(self) -> None:
        await self.running()

    async def stop(self, kill: bool = False) -> None:
        await self.engine.services.stop(self.identity, kill=kill)

    async def sync(self) -> None:
        await self.running()

    @fresh
    async def up(self, ports: Sequence["Mapping[str, Any]"] = (), random: bool = False) -> None:
        """Open the service's ports on this machine's loopback until the caller goes away."""
        given = tuple(ports) or tuple(
            {"frontend": 0 if random else port.port, "backend": port.port} for port in self.described
        )
        if not given:
            raise EngineError("failed to select host service: no ports to forward")
        tunnel = Service(self.engine, f"{self.identity}:up", upstream=self, forwards=given)
        await tunnel.running()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await tunnel.stop()

    def with_hostname(self, hostname: str) -> "Service":
        return replace(self, host_name=hostname, identity=f"{self.identity}@{hostname}")
