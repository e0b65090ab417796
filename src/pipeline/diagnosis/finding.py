"""What is wrong, and what to do about it."""

import re
from dataclasses import dataclass

from pipeline.errors import PipelineError

_CURE = re.compile("(?<!images): ")  # that one is a key, in a cure


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: in which part, where, what it is, and its cure."""

    part: str
    where: str
    problem: str
    cure: str


def from_errors(part: str, error: PipelineError) -> list[Finding]:
    """Return a finding for each line of an error, which ends with its cure after the last colon, or as a whole."""
    return [from_line(part, line) for line in str(error).splitlines() if not line.startswith(" ")]


def from_line(part: str, line: str) -> Finding:
    """Take a line apart: `where what: cure`; where is its first word, or what stands before the first colon."""
    place, colon, rest = line.partition(": ")
    if not colon or " " in place:
        place, _, rest = line.partition(" ")
    *problem, cure = _CURE.split(rest)
    return Finding(part, place, ": ".join(problem), cure) if problem else Finding(part, place, rest, "")
