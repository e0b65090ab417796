"""What came of a check's parts, and of the whole: a report, or an error with the tools' own findings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import PipelineError

_LINES = 80  # of a tool's findings; who wants the rest runs the tool
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class CheckFailed(PipelineError):
    """A check that found something."""


class NotRun(PipelineError):
    """A check that found nothing, of which a part could not run: it does not count as passed."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A part that found nothing; `said` is worth telling, such as a coverage."""

    what: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A part that found something, in the tool's own words."""

    what: str
    findings: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that could not run, and why."""

    what: str
    reason: str


Outcome = Passed | Failed | Missing


def verdict(outcomes: Sequence[Outcome]) -> str:
    """Return the report of a check of which all parts ran and passed.

    Raises:
        CheckFailed: a part found something; what could not run is named as well.
        NotRun: nothing was found, but a part could not run.
    """
    failed = [one for one in outcomes if isinstance(one, Failed)]
    missing = [one for one in outcomes if isinstance(one, Missing)]
    if failed or missing:
        text = "\n".join([*map(_told, failed), *map(_told, missing)])
        raise CheckFailed(text) if failed else NotRun(text)
    return "\n".join(_told(one) for one in outcomes) or "there is nothing to check"


def _told(outcome: Outcome) -> str:
    match outcome:
        case Failed(what, findings):
            return f"{what} failed:{_indented(findings)}"
        case Missing(what, reason):
            return f"{what} was not run: {reason}"
        case Passed(what, said):
            return f"{what} passed{':' if said.strip() else ''}{_indented(said)}"


def _indented(text: str) -> str:
    lines = _COLOURS.sub("", text).strip("\n").splitlines()
    more = [f"… and {len(lines) - _LINES} lines more"] if len(lines) > _LINES else []
    return "".join(f"\n  {line}".rstrip() for line in [*lines[:_LINES], *more])
