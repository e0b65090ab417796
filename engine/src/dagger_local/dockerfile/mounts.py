"""`RUN --mount`: what is mounted, read from its comma-separated words. Source: the Dockerfile reference."""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
_SHARING = ("shared", "private", "locked")
_TRUE = {"1", "t", "T", "true", "TRUE", "True"}
_FALSE = {"0", "f", "F", "false", "FALSE", "False"}
_NAMES = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly", "rw": "readwrite"}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount of a RUN; `size` in bytes, 0 for no limit."""

    type: str = "bind"
    from_: str = ""
    source: str = ""
    target: str = ""
    id: str = ""
    sharing: str = ""
    env: str | None = None
    read_only: bool | None = None
    required: bool = False
    size: int = 0
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be written: what was said, else what the type has by default."""
        return self.type not in ("cache", "tmpfs") if self.read_only is None else self.read_only

    @staticmethod
    def source_of(text: str) -> str:
        """Return the stage or image that a mount is taken from, empty for none; raises ValueError."""
        found = ""
        for word in _words(text):
            key, has_value, value = word.partition("=")
            if has_value and key.lower() == "from":
                found = value
                if "$" in value[:-1]:
                    raise ValueError(f"--mount: {word} takes no variable; name a stage by FROM $IMAGE AS NAME")
        return found

    @staticmethod
    def read(text: str, expand: Callable[[str], str]) -> "Mount":
        """Read one mount, each value expanded; raises ValueError."""
        mount = Mount()
        for word in _words(text):
            key, has_value, value = word.partition("=")
            key = _NAMES.get(key.lower(), key.lower())
            if has_value:
                mount = replace(mount, **_valued(mount, key, expand(value), word))
            else:
                mount = replace(mount, **_bare(mount, key, word))
        _check_whole(mount)
        return mount


def _words(text: str) -> list[str]:
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error as error:
        raise ValueError(f"--mount={text}: {error}") from None
    return rows[0] if rows else []


def _bare(mount: Mount, key: str, word: str) -> dict[str, Any]:
    if key in ("readonly", "readwrite"):
        return {"read_only": key == "readonly"}
    if key == "required" and mount.type in ("secret", "ssh"):
        return {"required": True}
    raise ValueError(f"--mount: {word} must be written {word}=VALUE, or does not go with type={mount.type}")


def _valued(mount: Mount, key: str, value: str, word: str) -> dict[str, Any]:
    if (key == "required" and mount.type not in ("secret", "ssh")) or (key == "size" and mount.type != "tmpfs"):
        raise ValueError(f"--mount: {word} does not go with type={mount.type}")
    if key not in _READERS:
        raise ValueError(f"--mount: {word}: there is no such word")
    name, read = _READERS[key]
    return {name: read(value, word)}


def _check_whole(mount: Mount) -> None:
    if mount.type in ("bind", "tmpfs") and (mount.mode, mount.uid, mount.gid) != (None, None, None):
        raise ValueError(f"--mount: mode, uid and gid do not go with type={mount.type}")
    if mount.sharing and mount.type != "cache":
        raise ValueError(f"--mount: sharing does not go with type={mount.type}")
    if mount.type == "secret":
        if mount.from_:
            raise ValueError("--mount: from does not go with type=secret")
        if not (mount.source or mount.target or mount.id):
            raise ValueError("--mount: a secret needs id=NAME")
        if mount.source and mount.id:
            raise ValueError("--mount: a secret takes either id or source")


def _one_of(value: str, known: tuple[str, ...], word: str) -> str:
    if value.lower() not in known:
        raise ValueError(f"--mount: {word} is not known; there is {', '.join(known)}")
    return value.lower()


def _boolean(value: str, word: str) -> bool:
    if value not in _TRUE | _FALSE:
        raise ValueError(f"--mount: {word}: write true or false")
    return value in _TRUE


def _number(value: str, base: int, word: str) -> int:
    if not re.fullmatch("[0-7]+" if base == 8 else r"\d+", value):
        raise ValueError(f"--mount: {word} is no {'octal ' if base == 8 else ''}number")
    return int(value, base)


def _bytes(value: str, word: str) -> int:
    found = _SIZE.fullmatch(value)
    if not found:
        raise ValueError(f"--mount: {word} is no size; write it like 64m")
    return int(float(found[1]) * 1024 ** " kmgtp".index(found[2].lower() or " "))


_READERS: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {
    "type": ("type", lambda value, word: _one_of(value, _TYPES, word)),
    "sharing": ("sharing", lambda value, word: _one_of(value, _SHARING, word)),
    "from": ("from_", lambda value, _: value),
    **{key: (key, lambda value, _: value) for key in ("source", "target", "id", "env")},
    "readonly": ("read_only", _boolean),
    "readwrite": ("read_only", lambda value, word: not _boolean(value, word)),
    "required": ("required", _boolean),
    "size": ("size", _bytes),
    "mode": ("mode", lambda value, word: _number(value, 8, word)),
    **{key: (key, lambda value, word: _number(value, 10, word)) for key in ("uid", "gid")},
}
