"""Names between the three worlds: GraphQL (camelCase), the command line (kebab-case) and what a person typed."""

import difflib
import re
from collections.abc import Iterable

_WORD = 3
_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[0-9])|(?<=[A-Z])(?=[A-Z][a-z])")


def kebab(name: str) -> str:
    """Return `name` as the command line writes it: `withExec` is `with-exec`, `sha256` is `sha-256`, as in dagger."""
    words = re.split(r"[\s._-]+", name)
    return "-".join(_BOUNDARY.sub("-", word).lower() for word in words if word)


def same(one: str, other: str) -> bool:
    """Tell whether two names differ by case and word separators only."""
    return _folded(one) == _folded(other)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean …?)` for the closest of the `known` names, or nothing.

    Those that begin a word as `name` does are close: `--env` and `--environment` mean `--target-env`. The dashes in
    front, which all flags share, count for nothing.
    """
    by_name = {each.lstrip("-"): each for each in known}
    typed = name.lstrip("-")
    sharing = [each for each in by_name if _shares_word(typed, each)]
    alike = difflib.get_close_matches(typed, list(by_name), n=3, cutoff=0.6)
    close = difflib.get_close_matches(typed, dict.fromkeys([*sharing, *alike]), n=3, cutoff=0)
    return f" (did you mean {' or '.join(by_name[each] for each in close)}?)" if close else ""


def _shares_word(typed: str, name: str) -> bool:
    """Tell whether a word of one is the beginning of the other's, three letters at least."""
    pairs = [sorted((one, other), key=len) for one in typed.split("-") for other in name.split("-")]
    return any(len(short) >= _WORD and long.startswith(short) for short, long in pairs)


def _folded(name: str) -> str:
    return re.sub(r"[\s._-]+", "", name).lower()
