"""The end of what steps printed, kept until it is known whether they fail."""

from collections import deque

from dagger_local.progress.steps import Step

LINES = 50
"""Lines of a failed step's output to leave."""


class KeptOutput:
    """Keeps the last lines of each step; what a hidden step leaves goes to the step that it is a part of."""

    def __init__(self) -> None:
        self._lines: dict[int, deque[str]] = {}

    def keep(self, step: Step, line: str) -> None:
        self._lines.setdefault(step.number, deque(maxlen=LINES)).append(line)

    def lines(self, step: Step) -> list[str]:
        return list(self._lines.get(step.number, ()))

    def take(self, step: Step) -> list[str]:
        """Return what a step printed, and forget it."""
        return list(self._lines.pop(step.number, ()))

    def hand_up(self, step: Step) -> None:
        """Give what a step printed to the one that it is a part of."""
        for line in self.take(step):
            if step.parent:
                self.keep(step.parent, line)
