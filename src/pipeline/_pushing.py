"""Push images: who is asked for a password, and what a registry's refusal means."""

import re
import uuid
from dataclasses import dataclass

import dagger
from dagger import dag

from ._errors import InvalidInput, PushFailed
from ._references import host, is_local
from ._surface import explained

# What registries and clients say, and what to do about it.
_ADVICE = {
    "unauthorized|authentication required|no basic auth|credentials|denied|forbidden|401|403": (
        "check --registry-username, --registry-password and the right to push"
    ),
    r"TOOMANYREQUESTS|Too Many Requests|\b429\b|Rate exceeded": "the registry asks for patience: run again a bit later",
    "immutable|cannot be overwritten": "the tag is taken for good: release the next version",
    "name.unknown|does not exist": "create the repository first",
    "connection refused|no such host|timed? ?out|unreachable|EOF|dial tcp|reset by peer|moved nothing": (
        "is the registry up, and is its address right?"
    ),
    "no space left": "free some space and run again: what is there is reused",
}


@dataclass(frozen=True, slots=True)
class Registry:
    """How the registry is reached: the user, the password if there is one, the service if it is one."""

    username: str
    password: dagger.Secret | None = None
    service: dagger.Service | None = None


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


def require_password(registry: str, password: dagger.Secret | None) -> None:
    """Refuse to push without a password to a registry that is not on this machine.

    Raises:
        InvalidInput: it is missing.
    """
    if password is None and not is_local(registry):
        msg = f"pushing to {host(registry)} needs a password: give --registry-password (env://, file:// or cmd://)"
        raise InvalidInput(msg)


def refused(subject: str, reference: str, error: dagger.QueryError) -> PushFailed:
    """Turn an engine's error into one that says what was pushed where, and what to do."""
    reason = explained(error)
    todo = advice(reason)
    return PushFailed(f"{subject}: pushing {reference} failed{f' ({todo})' if todo else ''}: {reason}")


def advice(reason: str) -> str:
    """Say what to do about a registry's refusal; empty if nothing is known."""
    return next((text for pattern, text in _ADVICE.items() if re.search(pattern, reason, re.IGNORECASE)), "")
