"""Ask a registry for digests, and copy images within it, by crane."""

import base64
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dagger

from pipeline.errors import InvalidInput, PipelineError, last_lines
from pipeline.surface import secret_of
from pipeline.tools import WHILE_MOVING, Finished, for_each, once, run

from .credentials import Credentials
from .references import host, is_local
from .refusals import advice

_DIGEST_SECONDS = 60
_COPY_SECONDS = 1800
_STILL_SECONDS = 120  # a registry may think that long about what it got; one that hangs does so for ever
_AT_ONCE = 16  # crane mostly waits for answers; registries allow far more
_MISSING = "MANIFEST_UNKNOWN|NAME_UNKNOWN|NOT_FOUND|404 Not Found"
_COPIED = re.compile("^[^ ]+ [^ ]+ ([^ ]+): digest: sha256:[0-9a-f]{64} size:", re.MULTILINE)
_ALIAS = "registry.local"  # crane speaks plain HTTP to .local names, as to localhost


class RegistryFailed(PipelineError):
    """A registry that could not be read or written."""


@dataclass(frozen=True, slots=True)
class Copier:
    """crane with a registry's credentials."""

    container: dagger.Container
    address: str
    credentials: Credentials

    async def digests(self, references: Iterable[str]) -> dict[str, str]:
        """Return the digest of each reference that is in the registry.

        Raises:
            RegistryFailed: it could not be asked.
        """
        wanted = {self._inside(reference): reference for reference in references}
        command = for_each(["crane", "digest", "--full-ref"], takes=1, at_once=_AT_ONCE)
        done = await run(once(self.container), command, seconds=_DIGEST_SECONDS, stdin="\n".join(wanted))
        found = dict(line.split("@", 1) for line in (await done.stdout()).splitlines())
        said = "" if done.succeeded else await done.stderr()
        result = {}
        for inside, reference in wanted.items():
            repository = _repository(inside)
            if repository in found:
                result[reference] = found[repository]
            elif not _missing(inside, said):
                raise await self.failed(f"asking for {reference}", done)
        return result

    async def copy(self, pairs: Sequence[tuple[str, str]]) -> Finished:
        """Copy images, each from a reference by digest to one by tag, and return how that went."""
        words = "\n".join(f"{self._inside(source)} {self._inside(target)}" for source, target in pairs)
        command = for_each([WHILE_MOVING, str(_STILL_SECONDS), "crane", "copy"], takes=2, at_once=_AT_ONCE)
        return await run(once(self.container), command, seconds=_COPY_SECONDS, stdin=words)

    async def tags(self, repository: str) -> list[str]:
        """Return the tags of a repository; none, if it cannot be listed."""
        done = await run(once(self.container), ["crane", "ls", self._inside(repository)], seconds=_DIGEST_SECONDS)
        return (await done.stdout()).split() if done.succeeded else []

    async def said(self, done: Finished) -> set[str]:
        """Return the references that crane says it copied to: its word, where the registry cannot be asked."""
        copied = set(_COPIED.findall(await done.stderr()))
        alias, name = _alias(self.address, self.credentials), host(self.address)
        return {name + inside.removeprefix(alias) for inside in copied}

    async def failed(self, what: str, done: Finished) -> RegistryFailed:
        """Turn what crane said into an error: what was tried, why it failed, what to do."""
        if done.code is None:
            return RegistryFailed(f"{what}: {host(self.address)} did not answer in time: is the registry up?")
        stderr = await done.stderr()
        lines = [line for line in stderr.splitlines() if line.startswith("Error: ")]
        said = [line for line in lines if not re.search(_MISSING, line)] or lines  # to lack an image is no failure
        reason = said[0].removeprefix("Error: ") if said else f"crane failed{last_lines(stderr)}"
        todo = advice(reason)
        outside = reason.replace(_alias(self.address, self.credentials), host(self.address))
        return RegistryFailed(f"{what} failed{f' ({todo})' if todo else ''}: {outside}")

    def _inside(self, reference: str) -> str:
        return _alias(self.address, self.credentials) + reference.removeprefix(host(self.address))


async def copier(tools: dagger.Container, address: str, credentials: Credentials) -> Copier:
    """Give crane a registry's credentials, in the file that docker keeps them in.

    Raises:
        InvalidInput: the registry is on this machine, which a container reaches as a service only.
    """
    if is_local(address) and not credentials.service:
        where = f"{host(address)} is on this machine, crane is in a container"
        msg = f"{where}: give --registry-service tcp://{host(address)} before the verb"
        raise InvalidInput(msg)
    alias = _alias(address, credentials)
    container = tools.with_env_variable("DOCKER_CONFIG", "/run/registry")
    if credentials.password:
        pair = f"{credentials.username}:{await credentials.password.plaintext()}".encode()
        auth = {"auth": base64.b64encode(pair).decode()}
        config = secret_of("registry-config", json.dumps({"auths": {alias: auth}}))
        container = container.with_mounted_secret("/run/registry/config.json", config)
    if credentials.service:
        container = container.with_service_binding(_without_port(alias), credentials.service)
    return Copier(container, address, credentials)


def _alias(address: str, credentials: Credentials) -> str:
    """Return the registry's host and port as crane sees it: a service has another name in its container."""
    name = host(address)
    if credentials.service and is_local(name):
        return _ALIAS + name.removeprefix(_without_port(name))
    return name


def _without_port(name: str) -> str:
    return re.sub(":[0-9]+$", "", name)


def _repository(reference: str) -> str:
    """Return a reference without its tag or digest."""
    name = reference.split("@", 1)[0]
    head, _, last = name.rpartition("/")
    return f"{head}/{last.split(':', 1)[0]}"


def _missing(reference: str, stderr: str) -> bool:
    """Tell whether crane says that the registry lacks a reference; every other failure is one."""
    repository = _repository(reference)
    path = repository.split("/", 1)[1]
    tail = reference[len(repository) + 1 :]
    place = re.escape(f"/v2/{path}/manifests/{tail}")
    return bool(re.search(rf"^Error: .*{place}:.*(?:{_MISSING})", stderr, re.MULTILINE))
