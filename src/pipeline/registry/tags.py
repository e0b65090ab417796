"""The tag rule: which texts are release tags, and which of them is newer."""

import re
from collections.abc import Iterable

from pipeline.errors import InvalidInput, shown

_NUMBER = "(?:0|[1-9][0-9]*)"
_IDENTIFIER = f"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_TAG = re.compile(rf"v{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_IDENTIFIER}(?:\.{_IDENTIFIER})*)?")
_TAG_LIMIT = 128  # of a tag in a registry, by the OCI distribution specification


def check_tag(tag: str) -> str:
    """Return a release tag as it is.

    A tag is `v` and a version by SemVer 2.0.0, without build metadata: a registry allows no `+`.

    Raises:
        InvalidInput: it is none, or longer than a registry allows.
    """
    if not _TAG.fullmatch(tag):
        msg = f"{shown(tag)} is no release tag: write vMAJOR.MINOR.PATCH with an optional pre-release, such as v1.2.3"
        raise InvalidInput(msg)
    if len(tag) > _TAG_LIMIT:
        msg = f"the tag {shown(tag)} has {len(tag)} characters, a registry allows {_TAG_LIMIT}: shorten its pre-release"
        raise InvalidInput(msg)
    return tag


def newest_first(tags: Iterable[str]) -> list[str]:
    """Return those that are release tags, the highest version first."""
    return sorted(filter(_TAG.fullmatch, tags), key=_precedence, reverse=True)


def is_release(tag: str) -> bool:
    """Tell whether a text is a release tag."""
    return bool(_TAG.fullmatch(tag)) and len(tag) <= _TAG_LIMIT


def is_older(tag: str, other: str) -> bool:
    """Tell whether a release tag is of a lower version than another; of what is no release tag, nothing is."""
    return bool(_TAG.fullmatch(tag) and _TAG.fullmatch(other)) and _precedence(tag) < _precedence(other)


def _precedence(tag: str) -> tuple[list[int], bool, list[tuple[bool, int, str]]]:
    """Return what orders versions by SemVer 2.0.0: numbers by their value, below all words, and less before more."""
    version, _, before = tag[1:].partition("-")
    identifiers = [
        (False, int(part), "") if part.isdecimal() else (True, 0, part) for part in before.split(".") if before
    ]
    return [int(number) for number in version.split(".")], not before, identifiers
