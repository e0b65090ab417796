"""Up: a module's function that gives back a service, opened on this machine for as long as it is wanted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dagger_local.api.objects.base import Object, fresh
from dagger_local.api.objects.generator import chosen
from dagger_local.api.objects.module import Module, Workspace
from dagger_local.api.objects.service import Service
from dagger_local.errors import EngineError
from dagger_local.progress import step


@dataclass(frozen=True, slots=True)
class Up(Object):
    """A service of a module."""

    name: str
    description: str
    action: Callable[[], Awaitable[Service]] = field(repr=False)
    original_module: Any = field(default=None, repr=False)

    def path(self) -> list[str]:
        return self.name.split(":")

    @fresh
    async def run(self) -> "Up":
        """Open it on this machine until the caller goes away."""
        await UpGroup(self.engine, (self,)).run()
        return self


@dataclass(frozen=True, slots=True)
class UpGroup(Object):
    """Several services, opened side by side."""

    given: tuple[Up, ...] = ()

    def matching(self, include: Sequence[str] | None) -> "UpGroup":
        """Keep the services that `include` chooses."""
        return replace(self, given=tuple(each for each in self.given if chosen(each.name, include)))

    def list(self) -> Sequence[Up]:
        return self.given

    @fresh
    async def run(self) -> "UpGroup":
        """Open them on this machine until the caller goes away.

        Raises EngineError when two have one port, and what the first to fail raises.
        """
        services = await asyncio.gather(*(each.action() for each in self.given))
        named = [(each.name, service) for each, service in zip(self.given, services, strict=True)]
        refuse_collisions(named)
        tunnels = [_tunnel(service) for service in services]
        try:
            opened = await asyncio.gather(*(tunnel.running() for tunnel in tunnels))
            with step("up", heard=0) as this:
                for (name, _), running in zip(named, opened, strict=True):
                    this.log(" ".join([name, "ready", *map(_address, running.ports)]))
                await asyncio.Event().wait()
        finally:
            await asyncio.gather(*(tunnel.stop() for tunnel in tunnels))
        return self


def _tunnel(service: Service) -> Service:
    """Return what opens a service's ports on this machine's loopback, each under its own number."""
    forwards = tuple({"frontend": port.port, "backend": port.port} for port in service.described)
    return Service(service.engine, f"{service.identity}:up", upstream=service, forwards=forwards)


def refuse_collisions(named: Sequence[tuple[str, Service]]) -> None:
    """Refuse services that would open the same port of this machine. Raises EngineError."""
    first: dict[tuple[int, str], str] = {}
    conflicts = []
    for name, service in named:
        for port in service.described:
            where = port.port, port.protocol.lower()
            if where in first:
                conflicts.append(f'port {where[0]}/{where[1]} is exposed by both "{first[where]}" and "{name}"')
            first.setdefault(where, name)
    if conflicts:
        raise EngineError("\n  ".join(["port collision detected:", *conflicts]))


def services_of_module(module: Module, include: Sequence[str] | None = None) -> UpGroup:
    """Answer Module.services."""
    return UpGroup(module.engine, tuple(module.given_services()) if module.given_services else ()).matching(include)


def services_of_workspace(workspace: Workspace, include: Sequence[str] | None = None) -> UpGroup:
    """Answer Workspace.services."""
    return services_of_module(workspace.module(), include)


def _address(port: int) -> str:
    return f"{'https' if port == 443 else 'http'}://localhost:{port}"
