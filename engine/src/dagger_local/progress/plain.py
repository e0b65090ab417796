"""Lines for logs and pipes: one when a step ends, one before it when that takes a while, and its output between."""

import asyncio
import contextlib
import time
from typing import TextIO

from dagger_local.progress.steps import Step
from dagger_local.progress.text import clean, duration, seconds, title, word

_PATIENCE = 0.5
"""Seconds that a step runs before its start is worth a line."""
_FREE = 100
"""Lines of a step's output that are shown as they come; after them, at most _RATE a second."""
_RATE = 5
_WIDTH = 400


class PlainLines:
    """Writes steps to a stream, each line behind its step's number; `only_failures` leaves out the rest."""

    def __init__(self, stream: TextIO, *, only_failures: bool = False) -> None:
        self._stream = stream
        self._only_failures = only_failures
        self._said: set[int] = set()
        self._output: dict[int, _Throttle] = {}

    def started(self, step: Step) -> None:
        if not self._only_failures:
            with contextlib.suppress(RuntimeError):  # a thread has no loop: its step is told when it ends
                asyncio.get_running_loop().call_later(_PATIENCE, self._say_start, step)

    def logged(self, step: Step, line: str) -> None:
        text = clean(line)
        if self._only_failures or not text:
            return
        self._say_start(step)
        throttle = self._output.setdefault(step.number, _Throttle())
        if throttle.admits(time.monotonic()):
            self._say_skipped(step)
            self._write(step, f"| {text[:_WIDTH]}")

    def ended(self, step: Step) -> None:
        self._say_skipped(step)
        self._output.pop(step.number, None)
        self._said.add(step.number)
        if self._only_failures and step.state != "failed":
            return
        took = "" if step.state == "cached" else f" [{duration(seconds(step))}]"
        self._write(step, f"{title(step)} {word(step)}{took}")

    def _say_start(self, step: Step) -> None:
        if step.number not in self._said:
            self._said.add(step.number)
            self._write(step, title(step))

    def _say_skipped(self, step: Step) -> None:
        throttle = self._output.get(step.number)
        if throttle and throttle.skipped:
            self._write(step, f"| … {throttle.skipped} lines left out")
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
