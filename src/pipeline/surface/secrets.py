"""The secrets that are given, without the line end that comes along, and those made of them."""

import uuid

import dagger
from dagger import dag

from pipeline.errors import InvalidInput


async def stripped(secret: dagger.Secret | None, option: str) -> dagger.Secret | None:
    """Return a secret without the line end that `cmd://` and files leave on it.

    Raises:
        InvalidInput: it is empty.
    """
    if secret is None:
        return None
    plain = await secret.plaintext()
    if not plain.strip():
        msg = f"the secret of --{option} is empty: check what it is read from"
        raise InvalidInput(msg)
    return secret if plain == plain.strip() else secret_of(option, plain.strip())


def secret_of(what: str, value: str) -> dagger.Secret:
    """Return a secret under a name of its own: a second value under a name replaces the first in all of a session."""
    return dag.set_secret(f"{what}-{uuid.uuid4().hex}", value)
