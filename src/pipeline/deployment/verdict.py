"""Judge an application: has a commit arrived, is it still on its way, did it fail? Nothing happens here."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from .application import Application

_SHORT = 12  # digits of a commit, for people


class Relation(enum.Enum):
    """What a commit that is deployed has to do with the one that is waited for."""

    BEFORE = "before"
    """It does not contain it."""

    CONTAINS = "contains"
    """It contains it, and pins the same image."""

    SUPERSEDES = "supersedes"
    """It contains it, but pins another image: somebody changed that since."""


class State(enum.Enum):
    """How far an application is."""

    ARRIVED = "arrived"
    WAITING = "waiting"
    FAILED = "failed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state, and why in a few words."""

    state: State
    why: str


def judge(application: Application | None, relations: Sequence[Relation]) -> Verdict:
    """Judge an application.

    A resource that is degraded or a sync that failed is not final in one look: controllers act one after another.
    Whoever asks looks twice.

    Args:
        application: what the API says; None if there is none.
        relations: of each of its revisions to the commit.
    """
    if application is None:
        return Verdict(State.WAITING, "there is no such application, or the token may not see it")
    health = application.health or "of unknown health"
    at = f"at {application.revisions[0][:_SHORT]}" if application.revisions else "at no commit"
    state, more = _state(application, relations)
    return Verdict(state, f"{application.sync or 'Unknown'} {at}, {health}{more}")


def _state(application: Application, relations: Sequence[Relation]) -> tuple[State, str]:
    """Return the state, and what is to be said besides sync and health."""
    if Relation.SUPERSEDES in relations:
        return State.SUPERSEDED, ": another image is pinned there since"
    if Relation.CONTAINS not in relations:
        return State.WAITING, ": the commit is not in there"
    if application.phase in {"Failed", "Error"} and set(application.synced) & set(application.revisions):
        return State.FAILED, ": the sync failed"
    if application.phase == "Running":
        return State.WAITING, ": the sync is running"
    if application.sync != "Synced" or not application.settled:
        return State.WAITING, ""
    return {"Healthy": State.ARRIVED, "Degraded": State.FAILED}.get(application.health, State.WAITING), ""
