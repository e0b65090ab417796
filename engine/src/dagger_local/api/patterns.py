"""Patterns of paths: what the arguments `exclude`, `include` and `gitignore` take, and globs."""

import fnmatch
import re
from collections.abc import Callable, Sequence

from dagger_local.store.patterns import Filter
from dagger_local.store.tree import Tree, lookup


def filter_of(tree: Tree, exclude: Sequence[str], include: Sequence[str], *, gitignore: bool = False) -> Filter | None:
    """Build the filter that a call's arguments ask for; None when they take everything."""
    lines: list[str] = []
    if gitignore:
        entry = lookup(tree, ".gitignore")
        lines = entry.host.read_text().splitlines() if entry and entry.is_file else []
    if not (exclude or include or lines):
        return None
    return Filter(include=include, exclude=exclude, gitignore=lines)


def glob_of(pattern: str) -> Callable[[str], bool]:
    """Compile a glob: `*` stays in a folder, `**` spans folders, a bare name matches at the root."""
    parts = re.split(r"(\*\*/|\*\*)", pattern.strip("/"))
    text = "".join(_glob_part(part) for part in parts)
    compiled = re.compile(text)
    return lambda path: compiled.fullmatch(path) is not None


def _glob_part(part: str) -> str:
    if part == "**/":
        return "(?:.*/)?"
    if part == "**":
        return ".*"
    return "".join(_glob_sign(sign) for sign in re.findall(r"\[[!^]?\]?[^\]]*\]|.", part, re.DOTALL))


def _glob_sign(sign: str) -> str:
    if sign == "*":
        return "[^/]*"
    if sign == "?":
        return "[^/]"
    if len(sign) > 1:
        return f"(?!/){fnmatch.translate(sign.replace('[^', '[!', 1)).rpartition(')')[0]})"
    return re.escape(sign)
