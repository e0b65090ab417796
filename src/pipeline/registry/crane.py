"""Ask a registry for digests, and copy images within it, by crane."""

import base64
import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagger

from pipeline.errors import InvalidInput, PipelineError, last_lines
from pipeline.surface import secret_of
from pipeline.tools import COPY_IMAGE, DIGEST_OF, Finished, counted, doing, for_each, once, patient, run, shown

from .credentials import Credentials
from .references import host, is_local, repository
from .refusals import advice, reasons

_DIGEST_SECONDS = 90
_PATIENCE = 60  # seconds that a registry may ask for in all
_COPY_SECONDS = 1800
_STILL_SECONDS = 60  # a registry may think that long about what it got; one that hangs does so for ever
_AT_ONCE = 16  # crane mostly waits for answers; registries allow far more
_MISSING = "MANIFEST_UNKNOWN|NAME_UNKNOWN|NOT_FOUND|404 Not Found"
_LACKS = "missing "  # how DIGEST_OF's answer begins of what it takes for missing
_COPIED = re.compile("^[^ ]+ [^ ]+ ([^ ]+): digest: sha256:[0-9a-f]{64} size:", re.MULTILINE)
_PUSHED = re.compile("pushed blob: (sha256:[0-9a-f]{64})")


class RegistryFailed(PipelineError):
    """A registry that could not be read or written."""


@dataclass(frozen=True, slots=True)
class Copier:
    """crane with registries' credentials; `inside` is each registry's host as crane sees it."""

    container: dagger.Container
    inside: Mapping[str, str]

    @shown(lambda _, references, **_given: f"ask the registry for {counted(references, 'digest')}")
    async def digests(self, references: Iterable[str], may_be_new: Container[str] = ()) -> dict[str, str]:
        """Return the digest of each reference that is in its registry.

        Args:
            references: what is asked for.
            may_be_new: those of them whose repository may not be there yet, which ghcr.io and Harbor call denied, as
                they do what one has no right to: the copy will tell.

        Raises:
            RegistryFailed: it could not be asked.
        """
        wanted = {self.as_seen(reference): reference for reference in references}
        command = for_each(patient(_PATIENCE, DIGEST_OF), takes=1, at_once=_AT_ONCE)
        done = await run(once(self.container), command, seconds=_DIGEST_SECONDS, stdin="\n".join(wanted))
        answers = dict(line.split(" ", 1) for line in (await done.stdout()).splitlines())
        result = {}
        for inside, reference in wanted.items():
            answer = answers.get(inside, "")
            if answer.startswith("sha256:"):
                result[reference] = answer
            elif _missing(inside, answer):
                continue
            elif reference not in may_be_new or not denied(inside, await done.stderr()):
                said = f"Error: {answer.removeprefix(_LACKS)}" if answer.startswith(_LACKS) else ""
                raise await self.failed(f"asking for {reference}", done, said)
        return result

    @shown(lambda _, pairs: f"copy {counted(pairs, 'image')}")
    async def copy(self, pairs: Sequence[tuple[str, str]]) -> Finished:
        """Copy images, each from a reference by digest to one by tag, and return how that went."""
        words = "\n".join(f"{self.as_seen(source)} {self.as_seen(target)}" for source, target in pairs)
        command = for_each(patient(_PATIENCE, COPY_IMAGE, str(_STILL_SECONDS)), takes=2, at_once=_AT_ONCE)
        return await run(once(self.container), command, seconds=_COPY_SECONDS, stdin=words)

    @shown(lambda _, name: f"list the tags of {name}")
    async def tags(self, name: str) -> list[str]:
        """Return the tags of a repository; none, if it cannot be listed."""
        done = await run(once(self.container), ["crane", "ls", self.as_seen(name)], seconds=_DIGEST_SECONDS)
        return (await done.stdout()).split() if done.succeeded else []

    async def uploaded(self, done: Finished, sources: Sequence[str]) -> int:
        """Return how many bytes of blobs a copy uploaded; what was there, or could be mounted, does not count."""
        pushed = _PUSHED.findall(await done.stderr())
        manifests = await self._manifests([self.as_seen(source) for source in sources]) if pushed else []
        sizes = {
            blob["digest"]: blob["size"] for manifest in manifests for blob in (manifest["config"], *manifest["layers"])
        }
        return sum(sizes.get(digest, 0) for digest in pushed)

    async def _manifests(self, sources: Sequence[str]) -> list[dict[str, Any]]:
        """Return the manifests of images, those of an index as well."""
        if not sources:
            return []
        command = for_each(["crane", "manifest"], takes=1, at_once=1)  # what several print at once would mix
        with doing(f"read {counted(sources, 'manifest')}"):
            done = await run(once(self.container), command, seconds=_DIGEST_SECONDS, stdin="\n".join(sources))
        found = dict(zip(sources, _documents(await done.stdout()), strict=False))
        inner = [
            f"{repository(source)}@{child['digest']}"
            for source, document in found.items()
            for child in document.get("manifests", [])
        ]
        return [document for document in found.values() if "config" in document] + await self._manifests(inner)

    @shown(lambda _, reference, *__: f"read the labels of {reference}")
    async def labels(self, reference: str, platform: str = "") -> dict[str, str]:
        """Return the labels of an image, of several for several platforms those of one; none if they cannot be read."""
        one = ["--platform", platform] if platform else []
        command = ["crane", "config", *one, self.as_seen(reference)]
        done = await run(once(self.container), command, seconds=_DIGEST_SECONDS)
        config = json.loads(await done.stdout()) if done.succeeded else {}
        return (config.get("config") or {}).get("Labels") or {}

    async def said(self, done: Finished) -> set[str]:
        """Return the references that crane says it copied to: its word, where the registry cannot be asked."""
        return {self.as_given(reference) for reference in _COPIED.findall(await done.stderr())}

    async def failed(self, what: str, done: Finished, said: str = "") -> RegistryFailed:
        """Turn what crane said, in its standard error if nowhere else, into an error: what was tried, why it failed."""
        if done.code is None:
            return RegistryFailed(f"{what}: {' or '.join(self.inside)} did not answer in time: is the registry up?")
        stderr = said or await done.stderr()
        known = reasons(stderr)
        failures = [line for line in known if not re.search(_MISSING, line)] or known  # to lack an image is no failure
        reason = failures[0] if failures else f"crane failed{last_lines(stderr)}"
        todo = advice(reason)
        return RegistryFailed(f"{what} failed{f' ({todo})' if todo else ''}: {self.as_given(reason)}")

    def as_seen(self, reference: str) -> str:
        """Return a reference as crane sees it."""
        name = host(reference)
        return self.inside.get(name, name) + reference.removeprefix(name)

    def as_given(self, text: str) -> str:
        """Return what crane said with the hosts as they are given."""
        for name, inside in self.inside.items():
            text = text.replace(inside, name)
        return text


async def copier(tools: dagger.Container, logins: Mapping[str, Credentials]) -> Copier:
    """Give crane the credentials of registries, by their hosts, in the file that docker keeps them in.

    Raises:
        InvalidInput: a registry is on this machine, which a container reaches as a service only.
    """
    container, inside, auths = tools.with_env_variable("DOCKER_CONFIG", "/run/registry"), {}, {}
    for index, (name, credentials) in enumerate(logins.items()):
        if is_local(name) and not credentials.service:
            where = f"{name} is on this machine, crane is in a container"
            msg = f"{where}: give --registry-service tcp://{name} before the verb"
            raise InvalidInput(msg)
        inside[name] = alias = _alias(name, credentials, index)
        if credentials.password:
            pair = f"{credentials.username}:{await credentials.password.plaintext()}".encode()
            auths[alias] = {"auth": base64.b64encode(pair).decode()}
        if credentials.service:
            container = container.with_service_binding(_without_port(alias), credentials.service)
    if auths:
        config = secret_of("registry-config", json.dumps({"auths": auths}))
        container = container.with_mounted_secret("/run/registry/config.json", config)
    return Copier(container, inside)


def _alias(name: str, credentials: Credentials, index: int) -> str:
    """Return a registry's host and port as crane sees it: a service has another name in its container.

    crane speaks plain HTTP to .local names, as to localhost.
    """
    if credentials.service and is_local(name):
        return f"registry{index or ''}.local{name.removeprefix(_without_port(name))}"
    return name


def _documents(text: str) -> list[dict[str, Any]]:
    """Take JSON documents apart that were printed one after another."""
    decoder, documents = json.JSONDecoder(), []
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        documents.append(document)
        text = text[end:]
    return documents


def _without_port(name: str) -> str:
    return re.sub(":[0-9]+$", "", name)


def _missing(reference: str, answer: str) -> bool:
    """Tell whether an answer is that the registry lacks the reference: that nobody finds its login is another one."""
    return bool(re.search(rf"^{_LACKS}.*{_place(reference)}:.*(?:{_MISSING})", answer))


def denied(reference: str, stderr: str) -> bool:
    """Tell whether crane says that the registry knows the user, and denies what a reference is in.

    Some do when they are asked for a manifest, others when they are asked for a token for the repository.
    """
    path = repository(reference).partition("/")[2]
    scope = rf"://[^ ]*[?&]scope=repository(?::|%3A){re.escape(path).replace('/', '(?:/|%2F)')}(?::|%3A)[^ ]*"
    refusal = r"(?!.*(?:UNAUTHORIZED|\b401\b)).*(?:DENIED|403 Forbidden)"
    return bool(re.search(rf"^Error: .*(?:{_place(reference)}|{scope}):{refusal}", stderr, re.MULTILINE))


def _place(reference: str) -> str:
    """Return a pattern of the address that a reference's manifest has; Docker Hub's host is index.docker.io there."""
    place = repository(reference)
    name, _, path = place.partition("/")
    return rf"://(?:[a-z]+\.)?{re.escape(f'{name}/v2/{path}/manifests/{reference[len(place) + 1 :]}')}"
