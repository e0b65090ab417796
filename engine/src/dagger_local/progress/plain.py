"""Lines for logs and pipes: one when a step ends, one before it when that takes a while, and its output between."""

import asyncio
import contextlib
import time
from typing import TextIO

from dagger_local.progress.kept import KeptOutput
from dagger_local.progress.steps import Step
from dagger_local.progress.text import clean, duration, seconds, title, word

_PATIENCE = 5.0
"""Seconds that a step runs before its start is worth a line; and before a part of another step is."""
_FREE = 100
"""Lines of a step's output that are shown as they come; after them, at most _RATE a second."""
_RATE = 5
_WIDTH = 400


class PlainLines:
    """Writes steps to a stream, each line behind its step's number.

    `verbosity` is 0 for the steps by themselves, of which only failed ones leave their output; 1 also for what is a
    part of them, and the output of all but services; 2 also for that. Below 0, only what failed is named.
    """

    def __init__(self, stream: TextIO, *, verbosity: int = 0) -> None:
        self._stream = stream
        self._verbosity = verbosity
        self._said: set[int] = set()
        self._throttles: dict[int, _Throttle] = {}
        self._kept = KeptOutput()

    def started(self, step: Step) -> None:
        if step.shown <= self._verbosity:
            with contextlib.suppress(RuntimeError):  # a thread has no loop: its step is told when it ends
                asyncio.get_running_loop().call_later(_PATIENCE, self._say_start, step)

    def logged(self, step: Step, line: str) -> None:
        text = clean(line)
        if not text:
            return
        if step.heard > self._verbosity or step.shown > self._verbosity:
            self._kept.keep(step, text)
            return
        self._say_start(step)
        throttle = self._throttles.setdefault(step.number, _Throttle())
        if self._verbosity > 1 or throttle.admits(time.monotonic()):
            self._say_skipped(step)
            self._write(step, f"| {text[:_WIDTH]}")

    def ended(self, step: Step) -> None:
        self._say_skipped(step)
        self._throttles.pop(step.number, None)
        said = step.number in self._said
        self._said.add(step.number)
        if step.state == "failed":
            self._say_failed(step)
            return
        self._kept.take(step)
        if step.state == "cancelled" and self._verbosity < 1:
            return  # what was asked to stop, or had no use any more
        if step.shown <= self._verbosity and (said or step.notable or step.depth == 0 or self._verbosity > 0):
            took = "" if step.state == "cached" else f" [{duration(seconds(step))}]"
            self._write(step, f"{title(step)} {word(step)}{took}")

    def _say_failed(self, step: Step) -> None:
        if step.shown > max(self._verbosity, 0):  # what it is a part of may take it well
            self._kept.hand_up(step)
            return
        for text in self._kept.take(step) if self._verbosity >= 0 else ():
            self._write(step, f"| {text[:_WIDTH]}")
        self._write(step, f"{title(step)} {word(step)} [{duration(seconds(step))}]")

    def _say_start(self, step: Step) -> None:
        if step.number not in self._said:
            self._said.add(step.number)
            self._write(step, title(step))

    def _say_skipped(self, step: Step) -> None:
        throttle = self._throttles.get(step.number)
        if throttle and throttle.skipped:
            self._write(step, f"| … {throttle.skipped} lines left out (-vv leaves none out)")
            throttle.skipped = 0

    def _write(self, step: Step, text: str) -> None:
        self._stream.write(f"{step.number:<3} {text}\n")
        self._stream.flush()


class _Throttle:
    """Admits the first lines, then a few a second, and counts the others."""

    def __init__(self) -> None:
        self.shown = 0
        self.skipped = 0
        self._second = 0
        self._in_second = 0

    def admits(self, now: float) -> bool:
        if self.shown >= _FREE:
            if int(now) != self._second:
                self._second, self._in_second = int(now), 0
            if self._in_second >= _RATE:
                self.skipped += 1
                return False
            self._in_second += 1
        self.shown += 1
        return True
