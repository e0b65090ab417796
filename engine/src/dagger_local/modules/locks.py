"""A module's requirements.lock, as pip and uv read it: its entries, and which of them hold here."""

import re
from collections.abc import Collection, Iterator

from dagger_local.modules.source import SDK_NAME, normalised

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*([^\s;]?)")
_OWN = re.compile(r"(?:(?:-e|--editable)[ =]*)?(?:file:)?(?:\.|\./|\./sdk/?|sdk/?)\s*(?:#.*)?$")


def held(text: str, sdk: str) -> str:
    """Return the lock without the module itself, and without an SDK that is not the engine's (`sdk`)."""
    return "\n".join(entry for entry in _entries(text) if not _is_own(entry, sdk))


def named_twice(text: str, sourced: Collection[str]) -> str:
    """Return the first package that the lock takes of an index though it has a source (`sourced`); else nothing."""
    for entry in _entries(text):
        found = _NAME.match(entry)
        if found and normalised(found[1]) in sourced and found[3] != "@" and "/" not in entry.split(";")[0].split()[0]:
            return normalised(found[1])
    return ""


def _is_own(entry: str, sdk: str) -> bool:
    if _OWN.match(entry.strip()):
        return True
    found = _NAME.match(entry)
    if not found or normalised(found[1]) != SDK_NAME:
        return False
    return not re.match(rf"{re.escape(sdk)}(?![\w.])", entry.strip())


def _entries(text: str) -> Iterator[str]:
    """Yield a lock's entries, each with the lines that continue it."""
    entry: list[str] = []
    for line in text.splitlines():
        entry.append(line)
        if not line.rstrip().endswith("\\"):
            yield "\n".join(entry)
            entry = []
    if entry:
        yield "\n".join(entry)
