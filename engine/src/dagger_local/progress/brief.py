"""Less than lines for each step: a sign for each, their output alone, or nothing until the end."""

from typing import TextIO

from dagger_local.progress.kept import KeptOutput
from dagger_local.progress.steps import Step
from dagger_local.progress.text import clean, duration, name, seconds, title, word

_SIGNS = {"failed": "X", "cancelled": ""}


class Logs:
    """Writes what steps print, as it comes, below the name of the step that it is from."""

    def __init__(self, stream: TextIO, *, verbosity: int = 0) -> None:
        self.verbosity = verbosity
        self._stream = stream
        self._at_start = True
        self._speaker: object = None

    def started(self, step: Step) -> None:
        """Say nothing."""

    def logged(self, step: Step, line: str) -> None:
        text = clean(line)
        # A module's own words are told always, a service's only with -vv: as steps rank what they print.
        if text and step.heard <= self.verbosity + 1:
            self.turn(step, f"{title(step)}\n")
            self.write(f"  {text}\n")

    def ended(self, step: Step) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """End the last line."""
        self.turn(None, "")

    def turn(self, speaker: object, head: str) -> None:
        """Begin a new line with `head` where another spoke last."""
        if speaker is not self._speaker:
            self._speaker = speaker
            self.write(("" if self._at_start else "\n") + head)

    def write(self, text: str) -> None:
        if text:
            self._at_start = text.endswith("\n")
            self._stream.write(text)
            self._stream.flush()


class Report:
    """Says at the end what was done, and what those that failed had printed."""

    def __init__(self, stream: TextIO, *, verbosity: int = 0) -> None:
        self._stream = stream
        self._verbosity = verbosity
        self._kept = KeptOutput()
        self._ended: list[Step] = []

    def started(self, step: Step) -> None:
        """Say nothing yet."""

    def logged(self, step: Step, line: str) -> None:
        if text := clean(line):
            self._kept.keep(step, text)

    def ended(self, step: Step) -> None:
        shown = step.shown <= max(self._verbosity, 0)
        if step.state == "failed" and not shown:
            self._kept.hand_up(step)
        elif step.state != "failed":
            self._kept.take(step)
        if shown and (step.state == "failed" or self._verbosity >= 0):
            self._ended.append(step)

    def finish(self) -> None:
        """Write all of it, in the order in which the steps began."""
        for step in sorted(self._ended, key=lambda each: each.number):
            indent = "  " * step.depth
            self._stream.write(f"{indent}{name(step)} {word(step)} [{duration(seconds(step))}]\n")
            self._stream.writelines(f"{indent}  | {line}\n" for line in self._kept.take(step))
        self._ended.clear()
        self._stream.flush()


class Dots(Logs):
    """Writes a dot for each step that is done and an X for each that failed, what they print, and why they failed."""

    def __init__(self, stream: TextIO, *, verbosity: int = 0) -> None:
        super().__init__(stream, verbosity=verbosity)
        self._failures = Report(stream, verbosity=-1)

    def logged(self, step: Step, line: str) -> None:
        super().logged(step, line)
        self._failures.logged(step, line)

    def ended(self, step: Step) -> None:
        self._failures.ended(step)
        if step.shown <= max(self.verbosity, 0):
            self.turn(self, "")
            self.write(_SIGNS.get(step.state, "."))

    def finish(self) -> None:
        super().finish()
        self._failures.finish()
