"""The secrets that Dockerfiles mount: which of those given is which."""

import re
from collections.abc import Sequence

import dagger
from dagger import dag

from pipeline.concurrency import side_by_side
from pipeline.description import Service
from pipeline.errors import InvalidInput


async def build_secrets(
    services: Sequence[Service], given: Sequence[dagger.Secret], known: Sequence[Service]
) -> dict[str, dagger.Secret]:
    """Return the secrets that services mount, by their ids, each without the line end that `cmd://` leaves on it.

    Which is which is said by the end of its address: env://npm_token and op://vault/item/npm_token are npm_token. The
    command line reads addresses itself, where the secrets are; a name before an address would not get through it.

    Args:
        services: those that are built.
        given: the secrets.
        known: all services; what only others mount is left alone.

    Raises:
        InvalidInput: one is missing, or for no service.
    """
    ids = list(dict.fromkeys(name for service in known for name in service.secrets))
    values: dict[str, dagger.Secret] = {}
    for secret, address in zip(given, await side_by_side(_address, given), strict=True):
        name = named(address, ids) or (ids[0] if len(ids) == len(given) == 1 else "")
        if not name or name in values:
            problem = f"is {name} once more" if name else f"ends in no id of a secret ({', '.join(ids) or 'none'})"
            scheme = address.partition("://")[0]
            msg = f"an address of --build-secret ({scheme}://…) {problem}: see secrets in pipeline.yaml"
            raise InvalidInput(msg)
        values[name] = secret
    for service in services:
        for name in service.secrets:
            if name not in values:
                msg = f"{service.name} needs the secret {name}: give --build-secret with an address that ends in it"
                raise InvalidInput(msg)
    wanted = [name for name in values if any(name in service.secrets for service in services)]
    plain = await side_by_side(lambda name: values[name].plaintext(), wanted)
    # Its name is the id that a Dockerfile mounts it by.
    return {name: dag.set_secret(name, text.rstrip("\r\n")) for name, text in zip(wanted, plain, strict=True)}


async def _address(secret: dagger.Secret) -> str:
    """Return where a secret is read from; its name, if another module made it."""
    return await secret.uri() or await secret.name()


def named(address: str, ids: Sequence[str]) -> str:
    """Return the id that an address ends in, the longest of several; a query does not count."""
    for text in (address, address.partition("?")[0]):
        found = [name for name in ids if re.search(rf"(?:^|[^A-Za-z0-9_]){re.escape(name)}$", text)]
        if found:
            return max(found, key=len)
    return ""
