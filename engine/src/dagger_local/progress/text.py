"""Texts that steps and their output are shown with."""

import re
import time

from dagger_local.progress.steps import State, Step

# CSI and OSC sequences, single escapes, and control characters other than a tab
_CONTROLS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[\x00-\x08\x0a-\x1f\x7f]")
_WORDS: dict[State, str] = {
    "cached": "CACHED",
    "cancelled": "CANCELED",
    "done": "DONE",
    "failed": "ERROR",
    "running": "RUNNING",
}


def clean(line: str) -> str:
    """Return what a terminal would be left showing of a line: no colours, and what overwrote it, not what was there."""
    overwritten = line.rstrip("\r\n").rsplit("\r", 1)[-1]
    return _CONTROLS.sub("", overwritten).expandtabs(4).rstrip()


def word(step: Step) -> str:
    """Return a step's state as a word."""
    return _WORDS[step.state]


def seconds(step: Step) -> float:
    """Return how long a step took, or has taken so far."""
    return (step.ended if step.ended is not None else time.monotonic()) - step.started


def duration(took: float) -> str:
    """Return a time as people say it: 0.4s, 12.3s, 2m05s."""
    minutes, rest = divmod(took, 60)
    return f"{int(minutes)}m{int(rest):02d}s" if minutes else f"{rest:.1f}s"


def name(step: Step) -> str:
    """Return a step's name on one line: a command in a Dockerfile may go over several."""
    return " ".join(step.name.split())


def title(step: Step) -> str:
    """Return a step's name behind its parents', which tells alike steps of different images apart."""
    names = [name(step)]
    while step.parent:
        step = step.parent
        if not step.call:
            names.append(name(step))
    return " › ".join(reversed(names))  # noqa: RUF001 - a separator that no command contains
