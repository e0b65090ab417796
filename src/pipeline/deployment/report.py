"""Report how a wait ended: a line an application, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.promotion import Outcome, summary
from pipeline.surface import Format, as_json, markdown_table, text_table

from .goal import Goal
from .verdict import State, Verdict

_MESSAGES = 8  # of an application; the rest is in Argo CD


@dataclass(frozen=True, slots=True)
class Line:
    """One application."""

    application: str
    service: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Deployed:
    """A commit that has arrived everywhere, and how long that took."""

    goal: Goal
    took: str
    lines: Sequence[Line]

    def as_list(self) -> list[dict[str, Any]]:
        """Return the applications for machines."""
        return [
            {"application": line.application, "service": line.service, "state": line.verdict.why} for line in self.lines
        ]


def deployed(done: Deployed, format_: Format) -> str:
    """Write a wait that ended well."""
    goal = done.goal
    if format_ is Format.JSON:
        return as_json({
            "environment": goal.environment.name, "commit": goal.commit, "applications": done.as_list(),
        })  # fmt: skip
    rows = [[line.application, _version(goal, line.service), line.verdict.why] for line in done.lines]
    table = markdown_table if format_ is Format.MARKDOWN else text_table
    headline = f"deployed {goal.commit} to {goal.environment.name} in {done.took}"
    return "\n\n".join([f"## {headline}" if format_ is Format.MARKDOWN else headline,
                        table(["application", "version", "argo cd"], rows)])  # fmt: skip


def promoted(outcome: Outcome, ended: Sequence[Deployed], format_: Format) -> str:
    """Write a promotion that was waited for, in each of its environments."""
    if format_ is Format.JSON:
        return as_json({**outcome.as_dict(), "applications": [line for done in ended for line in done.as_list()]})
    return "\n\n".join([summary(outcome, format_), *(deployed(done, format_) for done in ended)])


def not_deployed(
    goal: Goal, lines: Sequence[Line], messages: Mapping[str, Sequence[str]], limit: str, unanswered: str
) -> str:
    """Write a wait that ended badly: the first line says how, the others what is to be known.

    Args:
        goal: what was waited for.
        lines: how far each application is.
        messages: what is said of each that has not arrived.
        limit: how long was waited at most.
        unanswered: why Argo CD could not be asked in the end; empty if it could.
    """
    found = {state: [line.application for line in lines if line.verdict.state is state] for state in State}
    what = f"{goal.commit} is committed, but in {goal.environment.name}"
    if found[State.SUPERSEDED]:
        head = f"{what} another change of {', '.join(found[State.SUPERSEDED])} came after it: wait for that one"
    elif unanswered:
        head = f"{what} it is not known whether it runs: after {limit}, {unanswered}"
    elif found[State.FAILED]:
        head = f"{what} {', '.join(found[State.FAILED])} failed: roll back, or correct it"
    else:
        head = f"{what} {', '.join(found[State.WAITING])} did not get there within {limit}"
    body = []
    for line in lines:
        body.append(f"  {line.application}: {line.verdict.why}")
        said = messages.get(line.application, ())
        body += [f"    {message}" for message in said[:_MESSAGES]]
        if len(said) > _MESSAGES:
            body.append(f"    … and {len(said) - _MESSAGES} more, see Argo CD")
    return "\n".join([head, *body])


def _version(goal: Goal, service: str) -> str:
    pin = goal.pins[service]
    return (pin.tag or pin.digest) if pin else "-"
