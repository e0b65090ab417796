"""Write the commit that a promotion or a rollback is: for people, with trailers for machines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ._errors import InvalidInput, shown

# The name has a character that git keeps: it strips what it calls crud, and refuses a name that is nothing else.
_NAME = r"""(?=[^<]*[^\s.,:;<>"\\'])([^<>\x00-\x1f\x7f]*[^<>\x00-\x20\x7f])"""
_AUTHOR = re.compile(_NAME + r" <([^<>@\s\x00-\x1f\x7f]+@[^<>@\s\x00-\x1f\x7f]+)>")
_LIMIT = 500  # characters of a reason: a sentence or two


@dataclass(frozen=True, slots=True)
class Author:
    """Who commits."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Why and by whom a change is made; empty is unknown."""

    actor: str = ""
    run: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One service's part of a commit: the reference that it is set to, and the tags after and before."""

    service: str
    reference: str
    tag: str
    previous: str


def check_author(text: str) -> Author:
    """Read `Name <mail@host>`.

    Raises:
        InvalidInput: it is none.
    """
    match = _AUTHOR.fullmatch(text)
    if not match:
        msg = f"{shown(text)} is no author: write 'Name <mail@example.com>'"
        raise InvalidInput(msg)
    return Author(match[1].strip(), match[2])


def check_line(name: str, text: str) -> str:
    """Return a text that becomes a trailer's value, as it is.

    Raises:
        InvalidInput: it holds a line break or another control character, which could forge a trailer, or is long.
    """
    if not text.isprintable() or text != text.strip():
        msg = f"--{name} {shown(text)} must be one line of printable text: take out line breaks and outer blanks"
        raise InvalidInput(msg)
    if len(text) > _LIMIT:
        msg = f"--{name} has {len(text)} characters: shorten it to {_LIMIT}"
        raise InvalidInput(msg)
    return text


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit is about.

    `verb` is promote or rollback; `source`, the environment promoted from, is empty for a rollback.
    """

    verb: str
    project: str
    environment: str
    source: str
    entries: Sequence[Entry]


def message(change: Change, circumstances: Circumstances) -> str:
    """Write the message: a subject, a line a service, and the trailers."""
    width = max(len(entry.service) for entry in change.entries)
    body = [f"{entry.service:<{width}}  {entry.previous or '(nothing)'} -> {entry.tag}" for entry in change.entries]
    tags = ", ".join(dict.fromkeys(entry.tag for entry in change.entries))
    trailers = [
        ("Promoted-Version", tags),
        ("Promoted-To", change.environment),
        ("Promoted-From", change.source),
        *(("Image", f"{entry.service}={entry.reference}") for entry in change.entries),
        ("Run", circumstances.run),
        ("Actor", circumstances.actor),
        ("Forced" if change.source else "Reason", circumstances.reason),
    ]
    lines = [f"{change.verb}({change.environment}): {change.project} {tags}", "", *body, ""]
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in trailers if value)]) + "\n"
