"""Put a container together on disk: its overlay, its mounts, its bundle; and take it apart again."""

import asyncio
import contextlib
import json
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.execution.caches import Caches
from dagger_local.execution.forwarding import lead_socket
from dagger_local.execution.init import INIT, find_init
from dagger_local.execution.model import (
    CacheMount,
    Command,
    DirectoryMount,
    FileMount,
    Mount,
    SecretMount,
    SocketMount,
    TempMount,
)
from dagger_local.execution.network import Networks, Place
from dagger_local.execution.spec import HOSTNAME, SYSTEM_PATHS, Bind, runtime_spec
from dagger_local.execution.stubs import Stubs
from dagger_local.execution.trust import host_bundle, trust
from dagger_local.execution.users import find_user
from dagger_local.store.mounts import Mounter
from dagger_local.store.snapshots import Draft
from dagger_local.store.tree import Layer, clean, resolve

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(slots=True)
class Container:
    """A container ready to be started.

    `place` says where it is on the network, `places` maps each mounted path to where it lies on the host.
    """

    name: str
    bundle: Path
    root: Path
    place: Place
    places: dict[str, Path] = field(default_factory=dict)

    def host_path(self, path: str) -> Path:
        """Return where `path` of the container lies on the host, links followed inside the container only."""
        inside = clean(path)
        for mounted in sorted(self.places, key=len, reverse=True):
            if inside == mounted or inside.startswith(f"{mounted}/"):
                return _within(self.places[mounted], inside.removeprefix(mounted))
        return _within(self.root, inside)


class Builder:
    """Builds containers under `run`, the session's own tmpfs: what is secret there never reaches a disk."""

    def __init__(self, mounter: Mounter, caches: Caches, networks: Networks, run: Path) -> None:
        self._mounter = mounter
        self._caches = caches
        self._networks = networks
        self._run = run / "containers"
        self._run.mkdir(mode=0o700, exist_ok=True)
        self._bundle = host_bundle()

    @contextlib.asynccontextmanager
    async def build(self, command: Command, draft: Draft) -> AsyncIterator[Container]:
        """Mount everything for `command`, writing into `draft`; unmount and clean up at the end.

        Files of `draft` then hold just what the command changed: `fs`, and `m0`, `m1`, … for each
        writable directory mount, by its position.
        """
        async with contextlib.AsyncExitStack() as stack:
            name = uuid.uuid4().hex[:16]
            home = self._run / name
            home.mkdir(mode=0o700)
            stack.callback(shutil.rmtree, home, ignore_errors=True)
            place_on_network = await stack.enter_async_context(self._networks.place())
            container = Container(name, home, home / "root", place_on_network)
            await self._lead_to_session(stack, command, place_on_network)
            stubs = Stubs()
            stack.callback(stubs.tidy)
            await self._overlay(stack, command.tree, container.root, draft, "fs")
            stubs.watch(container.root, draft.fs, command.tree)
            binds: list[Bind] = []
            for position, mount in sorted(enumerate(command.mounts), key=lambda item: item[1].path):
                inside = clean(mount.path)
                place, read_only = await self._place(stack, draft, home / f"m{position}", mount)
                binds.append((place, f"/{inside}", read_only))
                is_dir = isinstance(mount, DirectoryMount | CacheMount | TempMount)
                stubs.make(container.host_path(inside), is_dir=is_dir)
                container.places[inside] = place
            for path in SYSTEM_PATHS:
                stubs.make(container.root / path, is_dir=True)
            for source, path in _network_files(home, command, container.place):
                stubs.make(container.host_path(path), is_dir=False)
                binds.append((source, path, True))
            roots, trusting = trust(command.tree, self._bundle)
            user = find_user(command.tree, command.user)
            args = command.args
            if not command.no_init:
                stubs.make(container.host_path(INIT), is_dir=False)
                binds.append((find_init(), INIT, True))
                args = (INIT, "--", *args)
            env = {"PATH": _DEFAULT_PATH, "HOME": user.home, **trusting, **command.env}
            spec = runtime_spec(
                root=container.root,
                args=args,
                env={**env, **command.volatile_env, **command.secret_env},
                cwd=command.cwd,
                user=user,
                binds=[*binds, *roots],
                network=None if command.network == "none" else container.place.path,
                no_network=command.network == "none",
                privileged=command.privileged,
            )
            _make_workdir(container, command.cwd, (user.uid, user.gid))
            (home / "config.json").write_text(json.dumps(spec))
            stack.callback(stubs.remove)
            yield container

    async def _place(
        self, stack: contextlib.AsyncExitStack, draft: Draft, place: Path, mount: Mount
    ) -> tuple[Path, bool]:
        """Put what is mounted at a place on the host; return that, and whether it is read-only."""
        match mount:
            case DirectoryMount():
                await self._overlay(stack, mount.tree, place, draft, None if mount.read_only else place.name)
                return place, mount.read_only
            case CacheMount():
                return await stack.enter_async_context(self._caches.use(mount)), mount.read_only
            case FileMount():
                # In the draft, so that what is written to it can be kept.
                folder = draft.directory / place.name
                folder.mkdir()
                await asyncio.to_thread(_copy_file, mount.source, folder / mount.source.name)
                return folder / mount.source.name, mount.read_only
            case SecretMount():
                _write_secret(place, mount)
                return place, True
            case SocketMount():
                direct = mount.owner is None and mount.source.is_socket()
                if not direct:
                    stack.callback((await lead_socket(place, mount.source, mount.owner or (0, 0))).close)
                return mount.source if direct else place, False
            case TempMount():
                await self._temporary(stack, place, mount.size)
                return place, False

    async def _overlay(
        self, stack: contextlib.AsyncExitStack, tree: tuple[Layer, ...], target: Path, draft: Draft, name: str | None
    ) -> None:
        target.mkdir()
        if name is None:
            await self._mounter.overlay(tree, target)
        else:
            upper, work = draft.directory / name, draft.directory / f"{name}.work"
            upper.mkdir(exist_ok=True)
            work.mkdir()
            top = resolve(tree, "")
            if top:
                os.chown(upper, top.stat.st_uid, top.stat.st_gid)
                upper.chmod(top.stat.st_mode & 0o7777)
            await self._mounter.overlay(tree, target, upper=upper, work=work)
            stack.callback(shutil.rmtree, work, ignore_errors=True)
        stack.push_async_callback(self._mounter.unmount, target)

    async def _lead_to_session(self, stack: contextlib.AsyncExitStack, command: Command, place: Place) -> None:
        """Let a command that may ask the session reach it where its variable says, on its own loopback."""
        if command.nested:
            port = int(command.volatile_env["DAGGER_SESSION_PORT"])
            if server := await self._networks.lead_in(place, port):
                stack.callback(server.close)

    async def _temporary(self, stack: contextlib.AsyncExitStack, place: Path, size: int | None) -> None:
        place.mkdir()
        await self._mounter.tmpfs(place, size)
        stack.push_async_callback(self._mounter.unmount, place)


def _network_files(home: Path, command: Command, place: Place) -> list[tuple[Path, str]]:
    """Return the files by which names are resolved, and where they go."""
    hosts = home / "hosts"
    known = [f"{address} {name}" for name, address in command.hosts.items()]
    hosts.write_text("\n".join(["127.0.0.1 localhost", "::1 localhost", f"{place.address} {HOSTNAME}", *known, ""]))
    files = [(hosts, "/etc/hosts")]
    resolv = Path("/etc/resolv.conf")
    if place.resolver:
        said = resolv.read_text().splitlines() if resolv.exists() else []
        kept = [line for line in said if line.startswith(("search", "domain", "options"))]
        resolv = home / "resolv.conf"
        resolv.write_text("\n".join([f"nameserver {place.resolver}", *kept, ""]))
    if resolv.exists():
        files.append((resolv.resolve(), "/etc/resolv.conf"))
    return files


def _within(root: Path, path: str) -> Path:
    """Return where `path` leads below `root`, following links inside of it only; the last names may be missing."""
    parts = [part for part in clean(path).split("/") if part]
    tree = (Layer("", root),)
    for end in range(len(parts), 0, -1):
        found = resolve(tree, "/".join(parts[:end]))
        if found:
            return found.host.joinpath(*parts[end:])
    return root.joinpath(*parts)


def _make_workdir(container: Container, cwd: str, owner: tuple[int, int]) -> None:
    """Make the working directory if it is missing, as Docker's WORKDIR does."""
    place = container.host_path(cwd or "/")
    if place.exists():
        return
    missing = [path for path in [place, *place.parents] if not path.exists()]
    try:
        place.mkdir(parents=True)
    except OSError as error:
        raise EngineError(f"working directory {cwd}: {error.strerror}") from None
    for path in missing:
        path.chmod(0o755)
    os.chown(place, *owner)


def _copy_file(source: Path, place: Path) -> None:
    shutil.copy2(source, place)
    info = source.stat()
    os.chown(place, info.st_uid, info.st_gid)


def _write_secret(place: Path, mount: SecretMount) -> None:
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as handle:
        handle.write(mount.read())
    os.chown(place, *mount.owner)
    place.chmod(mount.mode)
