"""Secret: a value that is used and never shown. Its plaintext stays in memory."""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagger_local import process
from dagger_local.api.client import Client
from dagger_local.api.objects.base import Object
from dagger_local.api.recipe import Hidden
from dagger_local.api.secrets import mark
from dagger_local.errors import EngineError, UnsupportedError

_VARIABLE = re.compile("[A-Z]{1,20}|[A-Z]+(?:_[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Secret(Object):
    """A secret by name or URI. `identity` tells secrets apart without telling them."""

    name: str = ""
    uri: str = ""
    identity: str = ""
    value: bytes = field(default=b"", repr=False)

    def plaintext(self) -> str:
        try:
            return self.value.decode()
        except UnicodeDecodeError:
            raise EngineError(f"secret {self.name or self.uri} is not UTF-8 text; mount it as a file") from None


def set_secret(engine: Any, name: str, plaintext: Hidden | str) -> Secret:
    """Make a secret of a text."""
    identity = plaintext.mark if isinstance(plaintext, Hidden) else mark(engine.salt, plaintext)
    return Secret(engine, name, "", f"{name}:{identity}", str(plaintext).encode())


async def read_secret(engine: Any, uri: str, cache_key: str | None, client: Client) -> Secret:
    """Read a secret from where its URI says, as `client` sees it.

    `env://NAME`, `file://PATH` and `cmd://COMMAND` (run by the user's shell, as Dagger does) are known.
    Raises EngineError when it is not there; its text never holds the value.
    """
    scheme, separator, rest = uri.partition("://")
    if not separator:
        raise EngineError("a secret without a scheme; give it as env://NAME, file://PATH or cmd://COMMAND")
    if client.is_module:
        raise UnsupportedError(f"{scheme}:// in a module's own code (take the secret as an argument): Query.secret")
    value = await _read(scheme, rest, client)
    identity = cache_key or f"{uri}:{mark(engine.salt, value.decode(errors='surrogateescape'))}"
    return Secret(engine, uri, uri, identity, value)


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
        case "cmd":
            # The user wrote this command line for a shell, on their own machine: it is run as they would run it.
            done = await process.run(["sh", "-c", rest], cwd=client.workdir, check=False)
            if done.exit_code:
                said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
                program = rest.partition(" ")[0]
                raise EngineError(f"secret command {program} exited with {done.exit_code}: {said}")
            return done.stdout.encode()
        case "op" | "vault" | "libsecret" | "aws+sm" | "aws+ps" | "gcp":
            raise UnsupportedError(f"{scheme}:// secrets (use cmd:// with that tool): Query.secret")
        case _:
            raise EngineError(f"secret provider {scheme}:// is not known; use env://NAME, file://PATH or cmd://COMMAND")


def _hidden(name: str) -> str:
    """Return only the beginning of what does not look like a variable's name: it may be the secret, by mistake."""
    return name if _VARIABLE.fullmatch(name) else f"{name[:3]}…"
