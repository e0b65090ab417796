"""A live tree of what is running, for a person at a terminal; what took its time stays above as one line."""

import threading
import time
from collections import deque
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from dagger_local.progress.steps import Step
from dagger_local.progress.text import clean, duration, name, seconds, title

_WORTH_A_LINE = 1.0
"""Seconds that a finished step took to stay on the screen."""
_TAIL = 5
"""Most lines of a running step's output to show."""
_POST_MORTEM = 20
"""Lines of a failed step's output to leave."""
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_MARKS = {"done": ("✔", "green"), "cached": ("●", "blue"), "failed": ("✘", "red"), "cancelled": ("■", "yellow")}


class LiveTree:
    """Shows steps until `finish`; `only_failures` leaves nothing but those behind."""

    def __init__(self, console: Console | None = None, *, only_failures: bool = False) -> None:
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._only_failures = only_failures
        self._lock = threading.RLock()  # rich draws in a thread of its own
        self._running: dict[int, Step] = {}
        self._output: dict[int, deque[str]] = {}
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
        if not self._only_failures and any(self._counts.values()):
            self._console.print(self._summary())

    def started(self, step: Step) -> None:
        with self._lock:
            self._running[step.number] = step
            self._output[step.number] = deque(maxlen=_POST_MORTEM)

    def logged(self, step: Step, line: str) -> None:
        text = clean(line)
        with self._lock:
            if text and step.number in self._output:
                self._output[step.number].append(text)

    def ended(self, step: Step) -> None:
        with self._lock:
            self._running.pop(step.number, None)
            output = self._output.pop(step.number, ())
            self._counts[step.state] += 1
        if not self._live.is_started:
            return
        if step.state == "failed":
            self._say(self._finished(step), *(_line("│", text) for text in output))
        elif not self._only_failures and step.state == "done" and seconds(step) >= _WORTH_A_LINE:
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
            running = _as_tree(list(self._running.values()))
            tails = {number: list(lines) for number, lines in self._output.items()}
        width, room = self._console.width, max(self._console.height - 2, 1)
        hidden = max(len(running) - room + 1, 0) if len(running) > room else 0
        shown = running[: len(running) - hidden]
        share = max((room - len(shown) - bool(hidden)) // max(len(shown), 1), 0)
        frame = _FRAMES[int(time.monotonic() * 8) % len(_FRAMES)]
        lines: list[Text] = []
        for depth, step in shown:
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
