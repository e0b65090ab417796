"""Address: a text that names something."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.container import Container
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
        return await Host(self.engine).directory(self.value, client, exclude, include, gitignore=gitignore)

    async def file(self, client: Client, **_: Any) -> Any:
        return await Host(self.engine).file(self.value, client)

    async def secret(self, client: Client) -> Any:
        return await read_secret(self.engine, self.value, None, client)

    def socket(self, client: Client) -> Any:
        return Host(self.engine).unix_socket(self.value.removeprefix("unix://"), client)

    def service(self, recipe: Recipe, client: Client) -> Any:
        scheme, _, rest = self.value.rpartition("://")
        host, _, port = rest.rpartition(":")
        if scheme not in ("", "tcp") or not port.isdecimal():
            raise EngineError(f"{self.value!r} is no service; give it as tcp://HOST:PORT")
        return Host(self.engine).service([{"backend": int(port)}], recipe, host or "localhost")
