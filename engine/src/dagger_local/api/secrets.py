"""Secrets: told apart without being told."""

import contextlib
import hashlib
import hmac
import os
import tempfile
from pathlib import Path


def load_salt(state: Path) -> bytes:
    """Return this machine's random key for marks of secrets, making it the first time; only its owner reads it."""
    place = state / "salt"
    if not place.exists():
        with tempfile.NamedTemporaryFile(dir=state) as file:  # made with mode 0600
            file.write(os.urandom(32))
            file.flush()
            with contextlib.suppress(FileExistsError):
                place.hardlink_to(file.name)
    return place.read_bytes()


def mark(salt: bytes, plaintext: str) -> str:
    """Return a keyed digest: equal for equal secrets on this machine, useless without its key."""
    return hmac.new(salt, plaintext.encode(), hashlib.sha256).hexdigest()[:32]


def name_of_set(scope: str, name: str) -> str:
    """Name a secret that was set: a module's own are not those of its caller."""
    return f"set:{scope}:{name}"
