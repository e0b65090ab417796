"""One line when a step starts to say something or ends, for logs and pipes."""

import time
from typing import TextIO

from dagger_local.progress.steps import Step

_INSTANT = 0.05
"""Seconds below which a finished step says nothing of its time."""


class PlainLines:
    """Writes `NAME`, its log lines and `NAME DONE [1.2s]` to a stream; `logs` off leaves the failures only."""

    def __init__(self, stream: TextIO, *, logs: bool = True) -> None:
        self._stream = stream
        self._logs = logs

    def started(self, step: Step) -> None:
        if self._logs and step.parent is None:
            self._write(label(step))

    def logged(self, step: Step, line: str) -> None:
        if self._logs:
            self._write(f"{label(step)}: {line.rstrip()}")

    def ended(self, step: Step) -> None:
        if self._logs or step.state == "failed":
            self._write(f"{label(step)} {mark(step)}")

    def _write(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


def label(step: Step) -> str:
    """Return a step's name behind its outermost parent's."""
    top = step
    while top.parent:
        top = top.parent
    return step.name if top is step else f"{top.name}: {step.name}"


def mark(step: Step) -> str:
    """Return how a step ended and how long it took."""
    words = {"cached": "CACHED", "failed": "ERROR", "cancelled": "CANCELED"}
    took = (step.ended or time.monotonic()) - step.started
    time_text = f"[{took:.1f}s]" if took >= _INSTANT else ""
    return " ".join(word for word in (words.get(step.state, "DONE"), time_text) if word)
