"""Write the commit that a promotion or a rollback is: for people, with trailers for machines."""

from collections.abc import Sequence
from dataclasses import dataclass

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
