"""The files of a workspace, and of the folder that a module's function works in."""

import posixpath
from collections.abc import Sequence
from pathlib import Path

from dagger_local.api.client import Client
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.file import File
from dagger_local.api.objects.host import directory_of_host, file_of_host
from dagger_local.api.objects.module import CurrentModule, Workspace
from dagger_local.errors import EngineError


async def directory(
    workspace: Workspace, path: str, exclude: Sequence[str] = (), include: Sequence[str] = (), gitignore: bool = False
) -> Directory:
    """Answer Workspace.directory."""
    place = _place(workspace, path)
    if not place.is_dir():
        raise EngineError(f'workspace directory "{path}": no such directory in the workspace {workspace.root}')
    return await directory_of_host(workspace.engine, place, exclude, include, gitignore=gitignore)


async def file(workspace: Workspace, path: str) -> File:
    """Answer Workspace.file."""
    return await file_of_host(workspace.engine, _place(workspace, path), f'workspace file "{path}"')


def find_up(workspace: Workspace, name: str, from_: str = ".") -> str | None:
    """Answer Workspace.findUp: where the nearest of that name is, from the workspace's root."""
    start = posixpath.normpath(_within(workspace, from_))
    while True:
        found = posixpath.normpath(posixpath.join(start, name))
        if _place(workspace, f"/{found}").exists():
            return f"/{found}"
        if start in (".", ""):
            return None
        start = posixpath.dirname(start)


async def workdir(
    module: CurrentModule,
    path: str,
    client: Client,
    exclude: Sequence[str] = (),
    include: Sequence[str] = (),
    gitignore: bool = False,
) -> Directory:
    """Answer CurrentModule.workdir."""
    return await directory_of_host(module.engine, _of_call(client, path), exclude, include, gitignore=gitignore)


async def workdir_file(module: CurrentModule, path: str, client: Client) -> File:
    """Answer CurrentModule.workdirFile."""
    return await file_of_host(module.engine, _of_call(client, path), path)


def _of_call(client: Client, path: str) -> Path:
    cleaned = posixpath.normpath(path)
    if not path or cleaned.startswith("/") or cleaned.split("/")[0] == "..":
        raise EngineError(f'workdir path "{path}" escapes workdir')
    return client.workdir / cleaned


def _within(workspace: Workspace, path: str) -> str:
    """Return a path from the workspace's root: an absolute one is so already, others are from its folder."""
    return path.lstrip("/") if path.startswith("/") else posixpath.join(workspace.path, path)


def _place(workspace: Workspace, path: str) -> Path:
    """Return where a path of the workspace is on this machine; links lead out of it no more than dots do."""
    place = (workspace.root / posixpath.normpath(_within(workspace, path))).resolve()
    if not place.is_relative_to(workspace.root):
        raise EngineError(f'path "{path}" resolves outside root "{workspace.root}"')
    return place
