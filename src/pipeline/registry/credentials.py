"""The right to use a registry: what is needed is asked for first."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import dagger

from pipeline.errors import InvalidInput
from pipeline.surface import stripped

from .references import host, is_local


@dataclass(frozen=True, slots=True)
class Credentials:
    """How the registry is reached: the user, the password if there is one, the service if it is one."""

    username: str
    password: dagger.Secret | None = None
    service: dagger.Service | None = None


@dataclass(frozen=True, slots=True)
class Logins:
    """The credentials that are given: those for every registry, and others for the one that is promoted from."""

    every: Credentials
    origin: Credentials | None = None

    def by_host(self, registries: Iterable[str], origins: Iterable[str] = ()) -> dict[str, Credentials]:
        """Return what each of some registries is used with, by host.

        Args:
            registries: their addresses.
            origins: those of them that are promoted from, to another registry.
        """
        found = dict.fromkeys(map(host, registries), self.every)
        return found | dict.fromkeys(map(host, origins), self.origin) if self.origin else found


async def logins(every: Credentials, origin: Credentials) -> Logins:
    """Return what is given, passwords without the line end that `cmd://` and files leave on them.

    Args:
        every: for every registry.
        origin: for the one that is promoted from, if it has anything.

    Raises:
        InvalidInput: a password is empty.
    """
    password = await stripped(every.password, "registry-password")
    other = await stripped(origin.password, "origin-registry-password")
    return Logins(replace(every, password=password), replace(origin, password=other) if other else None)


def require_password(registry: str, password: dagger.Secret | None) -> None:
    """Refuse to push without a password to a registry that is not on this machine.

    Raises:
        InvalidInput: it is missing.
    """
    if password is None and not is_local(registry):
        msg = f"pushing to {host(registry)} needs a password: give --registry-password (env://, file:// or cmd://)"
        raise InvalidInput(msg)
