"""Write the commit that a promotion or a rollback is: for people, with trailers for machines."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.registry import is_older

from .signature import Circumstances


@dataclass(frozen=True, slots=True)
class Entry:
    """One service's part of a commit: the reference that it is set to, and the tags after and before."""

    service: str
    reference: str
    tag: str
    previous: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit is about.

    `verb` is promote or rollback; `source`, the environment promoted from, is empty for a rollback. `partial` says
    that not all services were meant.
    """

    verb: str
    project: str
    environment: str
    source: str
    entries: Sequence[Entry]
    partial: bool = False
    forced: bool = False


def message(change: Change, circumstances: Circumstances) -> str:
    """Write the message: a subject, a line a service, and the trailers."""
    width = max(len(entry.service) for entry in change.entries)
    body = [
        f"{entry.service:<{width}}  {entry.previous or '(nothing)'} -> {entry.tag}{_mark(change, entry)}"
        for entry in change.entries
    ]
    tags = ", ".join(dict.fromkeys(entry.tag for entry in change.entries))
    trailers = [
        ("Promoted-Version", tags),
        ("Promoted-To", change.environment),
        ("Promoted-From", change.source),
        *(("Image", f"{entry.service}={entry.reference}") for entry in change.entries),
        ("Run", circumstances.run),
        ("Actor", circumstances.actor),
        ("Forced" if change.forced else "Reason", circumstances.reason),
    ]
    lines = [_subject(change, tags), "", *body, ""]
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in trailers if value)]) + "\n"


def _subject(change: Change, tags: str) -> str:
    """Write the first line; no revert: that word would release a version."""
    back = "back to " if change.verb == "rollback" else ""
    services = f" ({', '.join(entry.service for entry in change.entries)})" if change.partial else ""
    return f"{change.verb}({change.environment}): {change.project} {back}{tags}{services}"


def _mark(change: Change, entry: Entry) -> str:
    return " (downgrade)" if change.verb == "promote" and is_older(entry.tag, entry.previous) else ""
