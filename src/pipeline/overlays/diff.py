"""Show how files change."""

import difflib
from collections.abc import Mapping


def unified(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return one unified diff over all files, by path; empty if nothing differs."""
    parts: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, ""), after.get(path, "")
        parts += difflib.unified_diff(old.splitlines(), new.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    return "\n".join(parts) + "\n" if parts else ""
