"""The key that commits are signed with: a secret that is mounted where they are made, and is nowhere else."""

import base64
import re
from enum import Enum

import dagger

from pipeline.errors import InvalidInput
from pipeline.surface import secret_of

_KEY = "/run/signing-key"
_HOME = "/run/gnupg"  # in memory: gpg imports the key
_CONFIG = "/run/signing.gitconfig"
_PLAIN = b"openssh-key-v1\0\0\0\0\x04none"  # how the body of a private key begins that has no passphrase


class Kind(Enum):
    """What a key is of."""

    SSH = "ssh"
    GPG = "openpgp"


async def check_key(key: dagger.Secret | None) -> None:
    """Refuse a signing key that cannot be used, before anything is done.

    Raises:
        InvalidInput: it is no private key of SSH or GPG, or has a passphrase.
    """
    if key:
        kind_of(await _text(key))


def kind_of(text: str) -> Kind:
    """Tell what a private key is of.

    Raises:
        InvalidInput: it is none, or has a passphrase.
    """
    found = re.fullmatch(r"-----BEGIN ([A-Z ]+)-----\n(.+)-----END \1-----\n", text, re.DOTALL)
    name = found[1] if found else ""
    if name == "PGP PRIVATE KEY BLOCK":
        return Kind.GPG
    if not found or not name.endswith("PRIVATE KEY"):
        msg = "the secret of --signing-key is no private key: give an SSH one, or gpg --export-secret-keys --armor"
        raise InvalidInput(msg)
    if "ENCRYPTED" in text or (name.startswith("OPENSSH") and not _is_plain(found[2])):
        msg = "the key of --signing-key has a passphrase, which nobody is here to type: give one without"
        raise InvalidInput(msg)
    return Kind.SSH


async def signing_with(container: dagger.Container, key: dagger.Secret) -> dagger.Container:
    """Let the git of a container sign what it commits."""
    text = await _text(key)
    gpg = f"[gpg]\nformat = {kind_of(text).value}\nprogram = sign-with\n"
    config = f"[commit]\ngpgSign = true\n[user]\nsigningKey = {_KEY}\n{gpg}"
    return (
        container.with_mounted_secret(_KEY, secret_of("signing-key", text))
        .with_mounted_temp(_HOME)
        .with_env_variable("GNUPGHOME", _HOME)
        .with_new_file(_CONFIG, config)
        .with_env_variable("GIT_CONFIG_GLOBAL", _CONFIG)
    )


async def _text(key: dagger.Secret) -> str:
    """Return a key as its tools want it: in lines, the last one ended."""
    return (await key.plaintext()).replace("\r\n", "\n").strip() + "\n"


def _is_plain(body: str) -> bool:
    try:
        return base64.b64decode("".join(body.split()), validate=True).startswith(_PLAIN)
    except ValueError:
        return False
