"""Write the commit that a promotion or a rollback is: for people, with trailers for machines."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.registry import is_older
from pipeline.surface import listed

from .signature import Circumstances


@dataclass(frozen=True, slots=True)
class Entry:
    """One service's part of a commit: the reference that it is set to, the tags after and before.

    `referrers` is how many signatures, SBOMs and other things that refer to the image came with it.
    """

    service: str
    reference: str
    tag: str
    previous: str
    referrers: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit is about: of one environment, a commit may be about several.

    `verb` is promote or rollback; `source`, the environment promoted from, is empty for a rollback. `partial` says
    that not all services were meant; `skipped` are the environments that were to have it before.
    """

    verb: str
    project: str
    environment: str
    source: str
    entries: Sequence[Entry]
    partial: bool = False
    forced: bool = False
    skipped: Sequence[str] = ()

    @property
    def tags(self) -> str:
        """The versions that come."""
        return listed(entry.tag for entry in self.entries)


def message(changes: Sequence[Change], circumstances: Circumstances) -> str:
    """Write the message: a subject, a line a service, and the trailers, an environment after another."""
    several = len(changes) > 1
    names = [
        (f"{change.environment}/{entry.service}" if several else entry.service, change, entry)
        for change in changes
        for entry in change.entries
    ]
    width = max(len(name) for name, _, _ in names)
    body = [
        f"{name:<{width}}  {entry.previous or '(nothing)'} -> {entry.tag}{_mark(change, entry)}"
        for name, change, entry in names
    ]
    trailers = [
        *(trailer for change in changes for trailer in _trailers(change)),
        ("Run", circumstances.run),
        ("Actor", circumstances.actor),
        ("Forced" if any(change.forced for change in changes) else "Reason", circumstances.reason),
    ]
    lines = [_subject(changes), "", *body, ""]
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in trailers if value)]) + "\n"


def _trailers(change: Change) -> list[tuple[str, str]]:
    """Return what is said of one environment; the first begins it, where there are several."""
    return [
        ("Promoted-Version", change.tags),
        ("Promoted-To", change.environment),
        ("Promoted-From", change.source),
        ("Skipped", ", ".join(change.skipped)),
        *(("Image", f"{entry.service}={entry.reference}") for entry in change.entries),
        *(("Promoted-Referrers", f"{entry.service} {entry.referrers}") for entry in change.entries if entry.referrers),
    ]


def _subject(changes: Sequence[Change]) -> str:
    """Write the first line; no revert: that word would release a version."""
    first = changes[0]
    back = "back to " if first.verb == "rollback" else ""
    some = listed(entry.service for change in changes for entry in change.entries)
    tags = listed(entry.tag for change in changes for entry in change.entries)
    environments = listed(change.environment for change in changes)
    return f"{first.verb}({environments}): {first.project} {back}{tags}{f' ({some})' if first.partial else ''}"


def _mark(change: Change, entry: Entry) -> str:
    return " (downgrade)" if change.verb == "promote" and is_older(entry.tag, entry.previous) else ""
