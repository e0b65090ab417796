"""Secret: a value that is used and never shown. Its plaintext stays in memory."""

import asyncio
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagger_local import process
from dagger_local.api.client import Client
from dagger_local.api.objects.base import Object
from dagger_local.api.recipe import Hidden
from dagger_local.api.secrets import mark, name_of_set
from dagger_local.errors import EngineError, UnsupportedError

_VARIABLE = re.compile("[A-Z]{1,20}|[A-Z]+(?:_[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Secret(Object):
    """A secret by name or URI. `identity` tells secrets apart without telling them.

    One that was set is known by its name: its value is what was set last under it. One of a URI is known by its value,
    which was read when it was named; `problem` says why it could not be, to whoever uses it.
    """

    name: str = ""
    uri: str = ""
    identity: str = ""
    data: bytes | None = field(default=None, repr=False)
    problem: EngineError | None = None

    @property
    def value(self) -> bytes:
        """What the secret is now; raises EngineError when it could not be read."""
        return self.read()

    def read(self) -> bytes:
        """Return what the secret is now; raises EngineError when it could not be read."""
        if self.problem:
            raise self.problem
        return self.engine.secrets[self.identity] if self.data is None else self.data

    def plaintext(self) -> str:
        try:
            return self.read().decode()
        except UnicodeDecodeError:
            raise EngineError(f"secret {self.name or self.uri} is not UTF-8 text; mount it as a file") from None


def set_secret(engine: Any, name: str, plaintext: Hidden) -> Secret:
    """Return the secret of a name; its value was noted when the request came in."""
    return Secret(engine, name, "", name_of_set(plaintext.mark, name))


async def read_secret(engine: Any, uri: str, cache_key: str | None, client: Client) -> Secret:
    """Read a secret from where its URI says, as `client` sees it.

    `env://NAME`, `file://PATH` and `cmd://COMMAND` (run by the user's shell, as Dagger does) are known.
    Raises EngineError for a URI of another kind. That a value is not there is told when it is used.
    """
    scheme, separator, rest = uri.partition("://")
    if not separator:
        raise EngineError("a secret without a scheme; give it as env://NAME, file://PATH or cmd://COMMAND")
    if client.is_module:
        raise UnsupportedError(f"{scheme}:// in a module's own code (take the secret as an argument): Query.secret")
    _check(scheme)
    try:
        value = await _read(scheme, rest, client)
    except EngineError as error:
        return Secret(engine, "", uri, cache_key or f"unread:{uuid.uuid4().hex}", problem=error)
    return Secret(engine, "", uri, cache_key or mark(engine.salt, value.decode(errors="surrogateescape")), value)


def _check(scheme: str) -> None:
    if scheme in ("op", "vault", "libsecret", "aws+sm", "aws+ps", "gcp"):
        raise UnsupportedError(f"{scheme}:// secrets (use cmd:// with that tool): Query.secret")
    if scheme not in ("env", "file", "cmd"):
        raise EngineError(f"secret provider {scheme}:// is not known; use env://NAME, file://PATH or cmd://COMMAND")


async def _read(scheme: str, rest: str, client: Client) -> bytes:
    match scheme:
        case "env":
            if rest not in client.env:
                raise EngineError(f"environment variable {_hidden(rest)} is not set; set it, or name another in env://")
            return client.env[rest].encode(errors="surrogateescape")
        case "file":
            place = client.workdir / Path(rest).expanduser()
            try:
                return await asyncio.to_thread(place.read_bytes)
            except OSError as error:
                raise EngineError(f"secret file {place}: {error.strerror}; check file://{rest}") from None
        case _:
            # The user wrote this command line for a shell, on their own machine: it is run as they would run it.
            done = await process.run(["sh", "-c", rest], cwd=client.workdir, check=False)
            if done.exit_code:
                said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
                program = rest.partition(" ")[0]
                raise EngineError(f"secret command {program} exited with {done.exit_code}: {said}")
            return done.stdout.encode()


def _hidden(name: str) -> str:
    """Return only the beginning of what does not look like a variable's name: it may be the secret, by mistake."""
    return name if _VARIABLE.fullmatch(name) else f"{name[:3]}…"
