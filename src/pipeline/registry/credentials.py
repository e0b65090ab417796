"""The right to use a registry: what is needed is asked for first."""

from dataclasses import dataclass

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


async def credentials(username: str, password: dagger.Secret | None, service: dagger.Service | None) -> Credentials:
    """Return what is given, the password without the line end that `cmd://` and files leave on it.

    Raises:
        InvalidInput: the password is empty.
    """
    return Credentials(username, await stripped(password, "registry-password"), service)


def require_password(registry: str, password: dagger.Secret | None) -> None:
    """Refuse to push without a password to a registry that is not on this machine.

    Raises:
        InvalidInput: it is missing.
    """
    if password is None and not is_local(registry):
        msg = f"pushing to {host(registry)} needs a password: give --registry-password (env://, file:// or cmd://)"
        raise InvalidInput(msg)
