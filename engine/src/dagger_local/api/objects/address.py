"""Address: a text that names something."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.git_address import GitAddress, git_address
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.container import Container
from dagger_local.api.objects.git import GitRef, GitRepository, as_git, url_of
from dagger_local.api.objects.host import Host
from dagger_local.api.objects.secret import read_secret
from dagger_local.api.recipe import Recipe
from dagger_local.errors import EngineError
from dagger_local.platforms import own_platform


@dataclass(frozen=True, slots=True)
class Address(Object):
    """A text that names something: a path, an image, a secret, a service."""

    value: str = ""
    owner: Client | None = field(default=None, repr=False)

    def container(self) -> Any:
        return Container(self.engine, own_platform()).from_(self.value)

    async def directory(self, client: Client, exclude: Sequence[str] = (), include: Sequence[str] = (),
                        gitignore: bool = False, no_cache: bool = False) -> Any:  # fmt: skip
        if remote := git_address(self.value):
            tree = await self._remote_ref(remote).tree()
            return tree.directory(remote.path) if remote.path else tree
        return await Host(self.engine).directory(self.path(), client, exclude, include, gitignore=gitignore)

    async def file(self, client: Client, **_: Any) -> Any:
        if remote := git_address(self.value):
            if not remote.path:
                raise EngineError("no file path specified within git repository")
            return (await self._remote_ref(remote).tree()).file(remote.path)
        return await Host(self.engine).file(self.path(), client)

    async def git_repository(self, client: Client) -> GitRepository:
        remote = git_address(self.value)
        if remote is None:
            return as_git(await Host(self.engine).directory(self.path(), client))
        for name, given in (("ref", remote.ref), ("subdir", remote.path)):
            if given:
                raise EngineError(f"git repository address cannot contain {name}")
        return GitRepository(self.engine, url_of(remote.url))

    async def git_ref(self, client: Client) -> GitRef:
        if remote := git_address(self.value):
            if remote.path:
                raise EngineError("git ref address cannot contain subdir")
            return self._remote_ref(remote)
        path, _, ref = self.path().partition("#")
        repository = as_git(await Host(self.engine).directory(path, client))
        return repository.ref(ref) if ref else repository.head()

    def path(self) -> str:
        """Return the local path that it stands for."""
        return self.value.removeprefix("file://")

    def _remote_ref(self, remote: GitAddress) -> GitRef:
        repository = GitRepository(self.engine, url_of(remote.url))
        return repository.ref(remote.ref) if remote.ref else repository.head()

    async def secret(self, client: Client) -> Any:
        return await read_secret(self.engine, self.value, None, client)

    def socket(self, client: Client) -> Any:
        return Host(self.engine).unix_socket(self.value.removeprefix("unix://"), client)

    def service(self, recipe: Recipe, client: Client) -> Any:
        scheme, _, rest = self.value.rpartition("://")
        host, _, port = rest.rpartition(":")
        if scheme not in ("tcp", "udp") or not port.isdecimal():
            raise EngineError(f"{self.value!r} is no service; give it as tcp://HOST:PORT")
        return Host(self.engine).service([{"backend": int(port), "protocol": scheme.upper()}], recipe, host)
