"""A live tree of what is running, for a person at a terminal; what took its time stays above as one line."""

import threading
import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from dagger_local.progress.kept import KeptOutput
from dagger_local.progress.steps import Step
from dagger_local.progress.text import clean, duration, name, seconds, title

_WORTH_A_LINE = 1.0
"""Seconds that a finished step took to stay on the screen."""
_TAIL = 5
"""Most lines of a running step's output to show."""
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_MARKS = {"done": ("✔", "green"), "cached": ("●", "blue"), "failed": ("✘", "red"), "cancelled": ("■", "yellow")}


class LiveTree:
    """Shows steps until `finish`: with a `verbosity` of 1 also how they are done, with 2 also what services print.

    With 0, of what is done, that stays behind which took its time, with more of it all, with less only what failed.
    """

    def __init__(self, console: Console | None = None, *, verbosity: int = 0) -> None:
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._verbosity = verbosity
        self._lock = threading.RLock()  # rich draws in a thread of its own
        self._running: dict[int, Step] = {}
        self._kept = KeptOutput()
        self._counts = dict.fromkeys(_MARKS, 0)
        self._began = time.monotonic()
        self._live = Live(get_renderable=self._draw, console=self._console, transient=True, refresh_per_second=8)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.finish()

    def finish(self) -> None:
        """Take the tree off the screen and leave a line that sums it up; the terminal is the caller's again."""
        if not self._live.is_started:
            return
        self._live.stop()
        if self._verbosity >= 0 and any(self._counts.values()):
            self._console.print(self._summary())

    def started(self, step: Step) -> None:
        with self._lock:
            self._running[step.number] = step

    def logged(self, step: Step, line: str) -> None:
        text = clean(line)
        with self._lock:
            if text and step.number in self._running:
                self._kept.keep(step, text)

    def ended(self, step: Step) -> None:
        with self._lock:
            self._running.pop(step.number, None)
            hidden = step.shown > max(self._verbosity, 0)
            if step.state == "failed" and hidden:  # what it is a part of may take it well
                self._kept.hand_up(step)
            output = self._kept.take(step)
            self._counts[step.state] += not hidden
        if not self._live.is_started or hidden:
            return
        if step.state == "failed":
            told = output if self._verbosity >= 0 else ()
            self._say(self._finished(step), *(_line("│", text) for text in told))
        elif self._verbosity > 0 or (self._verbosity == 0 and step.state == "done" and seconds(step) >= _WORTH_A_LINE):
            self._say(self._finished(step))

    def _say(self, *lines: Text) -> None:
        for line in lines:
            line.truncate(self._console.width, overflow="ellipsis")
            self._console.print(line)

    def _finished(self, step: Step) -> Text:
        mark, colour = _MARKS[step.state]
        return _row(mark, colour, title(step), duration(seconds(step)), self._console.width)

    def _draw(self) -> Group:
        with self._lock:
            shown = [step for step in self._running.values() if step.shown <= max(self._verbosity, 0)]
            running = _as_tree(shown)
            heard = [step for step in shown if step.heard <= max(self._verbosity, 1)]
            tails = {step.number: self._kept.lines(step) for step in heard}
        width, room = self._console.width, max(self._console.height - 2, 1)
        hidden = max(len(running) - room + 1, 0) if len(running) > room else 0
        listed = running[: len(running) - hidden]
        share = max((room - len(listed) - bool(hidden)) // max(len(listed), 1), 0)
        frame = _FRAMES[int(time.monotonic() * 8) % len(_FRAMES)]
        lines: list[Text] = []
        for depth, step in listed:
            lines.append(_row(f"{'  ' * depth}{frame}", "cyan", name(step), duration(seconds(step)), width))
            tail = tails.get(step.number, [])[-min(share, _TAIL) :] if share else []
            lines += [_line(f"{'  ' * depth}  │", text) for text in tail]
        if hidden:
            lines.append(Text(f"… and {hidden} more", "dim"))
        lines.append(self._summary())
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return Group(*lines)

    def _summary(self) -> Text:
        text = Text()
        for state, (mark, colour) in _MARKS.items():
            if count := self._counts[state]:
                text.append(f"{mark} {count} {state}  ", colour)
        return text.append(duration(time.monotonic() - self._began), "dim")


def _as_tree(steps: list[Step]) -> list[tuple[int, Step]]:
    """Return running steps, children below their parents, each with its depth."""
    alive = {step.number for step in steps}
    children: dict[int, list[Step]] = {}
    for step in steps:
        parent = step.parent
        while parent and parent.number not in alive:
            parent = parent.parent
        children.setdefault(parent.number if parent else 0, []).append(step)

    def below(number: int, depth: int) -> list[tuple[int, Step]]:
        rows: list[tuple[int, Step]] = []
        for step in children.get(number, []):
            rows += [(depth, step), *below(step.number, depth + 1)]
        return rows

    return below(0, 0)


def _row(mark: str, colour: str, what: str, took: str, width: int) -> Text:
    """Return a step's line: its time stays visible however long the name is."""
    room = max(width - len(mark) - len(took) - 2, 1)
    label = Text(what)
    label.truncate(room, overflow="ellipsis")
    return Text.assemble((mark, colour), " ", label, (f" {took}", "dim"))


def _line(mark: str, text: str) -> Text:
    return Text.assemble((mark, "dim"), " ", (text, "dim"))
