"""Sign images, and what is attached to them, by cosign: with a key, or by the identity of a CI run."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import dagger
from dagger import dag

from pipeline.description import KEY, KEYLESS, NONE, Provenance
from pipeline.errors import InvalidInput
from pipeline.registry import Copier
from pipeline.surface import secret_of, stripped
from pipeline.tools import counted, once, run, shown

_SECONDS = 300
_KEY = "/run/image-signing-key"
_CONFIG, _ROOT = "/run/signing-config.json", "/run/trusted-root.json"
_PRIVATE = re.compile("-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----")
_ALWAYS = "2020-01-01T00:00:00Z"  # from when on a service is used
_NO_ROOT = json.dumps({"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a verb was given to sign with: a key and its passphrase, or what GitHub gives a job to prove who it is."""

    key: dagger.Secret | None = None
    password: dagger.Secret | None = None
    oidc_url: dagger.Secret | None = None
    oidc_token: dagger.Secret | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """cosign, ready to sign: its container and the options."""

    container: dagger.Container
    options: tuple[str, ...]

    @shown(lambda _, __, references: f"sign {counted(references, 'artifact')} by cosign")
    async def sign(self, copier: Copier, references: Sequence[str]) -> None:
        """Sign what references name by digest, each by a bundle that refers to it.

        Raises:
            RegistryFailed: cosign refused, or was refused.
        """
        words = [copier.as_seen(reference) for reference in references]
        done = await run(once(self.container), ["cosign", "sign", "--yes", *self.options, *words], seconds=_SECONDS)
        if not done.succeeded:
            raise await copier.failed(f"signing {references[0]}", done)


def check(settings: Provenance, given: Credentials) -> None:
    """Refuse what does not go with pipeline.yaml; what GitHub gives to every job may be there, and not be used.

    Raises:
        InvalidInput: what is needed to sign is missing, or a key is given and nothing is to be signed by it.
    """
    if given.key and settings.sign != KEY:
        msg = f"--image-signing-key is given, and pipeline.yaml says sign: {settings.sign}: write key, or leave it out"
        raise InvalidInput(msg)
    if settings.sign == KEY and not given.key:
        msg = "pipeline.yaml says sign: key: give --image-signing-key (env://, file:// or another provider)"
        raise InvalidInput(msg)
    if settings.sign == KEYLESS and not (given.oidc_url and given.oidc_token):
        variable = "env://ACTIONS_ID_TOKEN_REQUEST_"
        way = f"give --oidc-request-url {variable}URL --oidc-request-token {variable}TOKEN"
        msg = f"pipeline.yaml says sign: keyless, which is by the identity of a job with id-token: write: {way}"
        raise InvalidInput(msg)


async def signer(
    settings: Provenance, given: Credentials, copier: Copier, cosign: str, source: dagger.Directory
) -> Signer | None:
    """Return what signs, looked at before anything is built; None where nothing is signed.

    Args:
        settings: what pipeline.yaml says.
        given: what there is to sign with.
        copier: the right to write to the registry.
        cosign: the image that cosign comes from.
        source: the repository, which has the trusted root of a Sigstore of one's own.

    Raises:
        InvalidInput: the key does not open, or a file is not there.
    """
    if settings.sign == NONE:
        return None
    program = dag.container().from_(cosign).file("/ko-app/cosign")
    container = copier.container.with_file("/usr/local/bin/cosign", program)
    options: list[str] = []
    if given.key:
        container, options = await _with_key(container, given.key, given), ["--key", _KEY]
    if settings.sign == KEYLESS and given.oidc_url and given.oidc_token:
        options = ["--oidc-provider", "github-actions"]
        container = container.with_secret_variable("ACTIONS_ID_TOKEN_REQUEST_URL", given.oidc_url).with_secret_variable(
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN", given.oidc_token
        )
    if config := signing_config(settings):
        container = container.with_new_file(_CONFIG, config)
        options += ["--signing-config", _CONFIG]
    if settings.trusted_root:
        container = container.with_file(_ROOT, await _trusted_root(source, settings.trusted_root))
        options += ["--trusted-root", _ROOT]
    elif settings.sign == KEY and not settings.rekor:
        # A key needs nobody's root, and cosign would look for Sigstore's.
        container = container.with_new_file(_ROOT, _NO_ROOT)
        options += ["--trusted-root", _ROOT]
    return Signer(container, tuple(options))


def signing_config(settings: Provenance) -> str:
    """Return which services cosign uses, in its own form; empty for those of the public Sigstore.

    With a key and no log that is named, it is none: what is signed in private is published nowhere.
    """
    if settings.sign == KEYLESS and not settings.rekor:
        return ""
    logs = [_service(settings.rekor)] if settings.rekor else []
    return json.dumps({
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        **({"caUrls": [_service(settings.fulcio)]} if settings.fulcio else {}),
        **({"rekorTlogUrls": logs} if logs else {}),
        "rekorTlogConfig": {"selector": "ANY"} if logs else {},
        "tsaConfig": {},
    })  # fmt: skip


def _service(url: str) -> dict[str, object]:
    return {"url": url, "majorApiVersion": 1, "validFor": {"start": _ALWAYS}, "operator": "pipeline.yaml"}


async def _with_key(container: dagger.Container, key: dagger.Secret, given: Credentials) -> dagger.Container:
    text = (await key.plaintext()).replace("\r\n", "\n").strip() + "\n"
    if not _PRIVATE.match(text):
        msg = "the secret of --image-signing-key is no private key of cosign's: cosign generate-key-pair makes one"
        raise InvalidInput(msg)
    password = await stripped(given.password, "image-signing-password")
    container = container.with_mounted_secret(_KEY, secret_of("image-signing-key", text))
    if password:
        container = container.with_secret_variable("COSIGN_PASSWORD", password)
    else:  # else cosign would ask for one
        container = container.with_env_variable("COSIGN_PASSWORD", "")
    done = await run(container, ["cosign", "public-key", "--key", _KEY], seconds=_SECONDS)
    if not done.succeeded:
        msg = "the key of --image-signing-key does not open: check it, and its passphrase, --image-signing-password"
        raise InvalidInput(msg)
    return container


async def _trusted_root(source: dagger.Directory, path: str) -> dagger.File:
    if not await source.glob(path):
        msg = f"there is no {path} in the repository, which provenance in pipeline.yaml names: add it, or correct it"
        raise InvalidInput(msg)
    return source.file(path)
