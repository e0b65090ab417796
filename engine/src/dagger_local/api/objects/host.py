"""Host: the machine of whoever asks."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.file import File
from dagger_local.api.objects.service import Service
from dagger_local.api.objects.small import Port, Socket
from dagger_local.api.patterns import selection_of_host
from dagger_local.api.recipe import Recipe
from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.store.host import take_directory


@dataclass(frozen=True, slots=True)
class Host(Object):
    """The client's folders, files, sockets and ports. A module's code has no host of its own."""

    async def directory(
        self,
        path: str,
        client: Client,
        exclude: Sequence[str] = (),
        include: Sequence[str] = (),
        no_cache: bool = False,
        gitignore: bool = False,
    ) -> Directory:
        place = _place(client, path)
        return await directory_of_host(self.engine, place, exclude, include, gitignore=gitignore)

    async def file(self, path: str, client: Client, no_cache: bool = False) -> File:
        return await file_of_host(self.engine, _place(client, path), path)

    def find_up(self, name: str, client: Client, no_cache: bool = False) -> str | None:
        folder = _place(client, ".")
        found = next((each for each in (folder, *folder.parents) if (each / name).exists()), None)
        return os.path.relpath(found / name, folder) if found else None

    def service(self, ports: Sequence[Mapping[str, Any]], recipe: Recipe, host: str = "localhost") -> Service:
        if any(each.get("protocol") == "UDP" for each in ports):
            raise UnsupportedError("Host.service with a UDP port")
        described = tuple(Port(self.engine, each.get("frontend") or each["backend"]) for each in ports)
        return Service(self.engine, recipe.id, described=described, forwards=tuple(ports), target=host)

    def tunnel(
        self,
        service: Service,
        recipe: Recipe,
        native: bool = False,
        ports: Sequence[Mapping[str, Any]] = (),
    ) -> Service:
        given = tuple(ports)
        if native and not given:
            given = tuple({"frontend": port.port, "backend": port.port} for port in service.described)
        return Service(self.engine, recipe.id, upstream=service, forwards=given)

    def unix_socket(self, path: str, client: Client) -> Socket:
        return Socket(self.engine, _place(client, path))


async def directory_of_host(
    engine: Any, place: Path, exclude: Sequence[str], include: Sequence[str] = (), *, gitignore: bool = False
) -> Directory:
    """Take in a folder of the host."""
    selection = selection_of_host(place, exclude, include, gitignore=gitignore)
    snapshot = await take_directory(engine.store, place, selection)
    return Directory(engine, (snapshot.layer,), str(place))


async def file_of_host(engine: Any, place: Path, asked: str) -> File:
    """Take in a file of the host; `asked` is what its path is called in an error."""
    if not place.is_file():
        raise EngineError(f"{asked}: no such file on this machine; check the path")
    taken = await take_directory(
        engine.store, place.parent, selection_of_host(place.parent, (), [_escaped(place.name)])
    )
    return File(engine, (taken.layer,), place.name)


def _place(client: Client, path: str) -> Path:
    if client.is_module:
        raise UnsupportedError("access to the host from a module's own code (take the directory as an argument): Host")
    return (client.workdir / Path(path).expanduser()).resolve()


def _escaped(name: str) -> str:
    return "".join(f"\\{sign}" if sign in "*?[]!\\" else sign for sign in name)
