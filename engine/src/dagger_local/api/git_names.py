"""Names of a Git repository: which of its refs a pattern means, and which of its tags is the latest version."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

_NUMBER = r"(0|[1-9]\d*)"
_VERSION = re.compile(
    rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)


def matching(refs: Mapping[str, str], prefix: str, patterns: Sequence[str] | None) -> list[str]:
    """Return the names below `prefix` that a pattern means: the end of a ref, as git ls-remote has it."""
    names = sorted(name for name in refs if name.startswith(prefix))
    wanted = [name for name in names if not patterns or any(fnmatchcase(f"/{name}", f"*/{each}") for each in patterns)]
    return [name.removeprefix(prefix) for name in wanted]


def latest(tags: Iterable[str]) -> str | None:
    """Return the tag of the greatest version by semver.org, pre-releases too; None when no tag is a version."""
    versions = [(_rank(found), tag) for tag in tags if (found := _VERSION.fullmatch(tag))]
    return max(versions)[1] if versions else None


def _rank(version: "re.Match[str]") -> tuple[object, ...]:
    major, minor, patch, pre = version.groups()
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in (pre or "").split(".") if part]
    return int(major), int(minor), int(patch), pre is None, parts
