"""Steps: named spans of work, nested by where they are opened, sent to one sink."""

import contextlib
import itertools
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal, Protocol

State = Literal["running", "done", "cached", "failed", "cancelled"]

_numbers = itertools.count(1)


@dataclass(slots=True, eq=False)
class Step:
    """One span of work; `parent` is the step that was open when it began."""

    name: str
    parent: "Step | None" = None
    number: int = field(default_factory=lambda: next(_numbers))
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    state: State = "running"

    def log(self, line: str) -> None:
        """Show a line that the work printed."""
        _sink().logged(self, line)

    def cached(self) -> None:
        """Mark the work as found, not done."""
        self.state = "cached"


class Sink(Protocol):
    """Whoever shows steps: called from the event loop, must not block."""

    def started(self, step: Step) -> None: ...
    def logged(self, step: Step, line: str) -> None: ...
    def ended(self, step: Step) -> None: ...


class _Silent:
    def started(self, step: Step) -> None: ...
    def logged(self, step: Step, line: str) -> None: ...
    def ended(self, step: Step) -> None: ...


_current_sink: list[Sink] = [_Silent()]
_current_step: ContextVar[Step | None] = ContextVar("step", default=None)


def show(sink: Sink) -> None:
    """Send all steps of this process to `sink` from now on."""
    _current_sink[0] = sink


def _sink() -> Sink:
    return _current_sink[0]


@contextlib.contextmanager
def step(name: str) -> Iterator[Step]:
    """Open a step; an exception marks it failed, a cancellation cancelled, and both pass through."""
    this = Step(name, _current_step.get())
    token = _current_step.set(this)
    _sink().started(this)
    try:
        yield this
    except Exception:
        this.state = "failed"
        raise
    except BaseException:
        this.state = "cancelled"
        raise
    else:
        if this.state == "running":
            this.state = "done"
    finally:
        this.ended = time.monotonic()
        _current_step.reset(token)
        _sink().ended(this)
