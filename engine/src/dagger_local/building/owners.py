"""`--chown` and `--chmod`."""

import re

from dagger_local.store.tree import Tree, resolve
from dagger_local.store.writing import Owner


def owner(tree: Tree, text: str) -> Owner | None:
    """Return the numbers of `USER[:GROUP]`; a user without a group brings the one that /etc/passwd names.

    None for an empty text. Raises ValueError for a name that the image does not know.
    """
    if not text:
        return None
    user, has_group, group = text.partition(":")
    uid, gid = _user(tree, user) if user else (0, 0)
    return (uid, _group(tree, group)) if has_group and group else (uid, gid)


def mode(text: str) -> int | None:
    """Return the bits of an octal mode; None for an empty text. Raises ValueError."""
    if not text:
        return None
    if not re.fullmatch("[0-7]+", text) or int(text, 8) > 0o7777:
        raise ValueError(f"--chmod={text} is no mode; write it in octal, from 0 to 7777")
    return int(text, 8)


def _user(tree: Tree, name: str) -> tuple[int, int]:
    if name.isdecimal():
        return int(name), int(name)
    found = [row for row in _rows(tree, "etc/passwd") if row[0] == name and len(row) > 3]
    if not found:
        raise ValueError(f"--chown: the image's /etc/passwd has no user {name}; make it first, or write its number")
    return int(found[0][2]), int(found[0][3])


def _group(tree: Tree, name: str) -> int:
    if name.isdecimal():
        return int(name)
    found = [row for row in _rows(tree, "etc/group") if row[0] == name and len(row) > 2]
    if not found:
        raise ValueError(f"--chown: the image's /etc/group has no group {name}; make it first, or write its number")
    return int(found[0][2])


def _rows(tree: Tree, path: str) -> list[list[str]]:
    entry = resolve(tree, path)
    if entry is None or not entry.is_file:
        return []
    return [row.split(":") for row in entry.host.read_text(errors="replace").splitlines()]
