"""Names between the three worlds: GraphQL (camelCase), the command line (kebab-case) and what a person typed."""

import difflib
import re
from collections.abc import Iterable

_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[0-9])|(?<=[A-Z])(?=[A-Z][a-z])")


def kebab(name: str) -> str:
    """Return `name` as the command line writes it: `withExec` is `with-exec`, `sha256` is `sha-256`, as in dagger."""
    words = re.split(r"[\s._-]+", name)
    return "-".join(_BOUNDARY.sub("-", word).lower() for word in words if word)


def same(one: str, other: str) -> bool:
    """Tell whether two names differ by case and word separators only."""
    return _folded(one) == _folded(other)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean …?)` for the closest of the `known` names, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(close)}?)" if close else ""


def _folded(name: str) -> str:
    return re.sub(r"[\s._-]+", "", name).lower()
