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
    """One span of work; `parent` is the step that was open when it began.

    What is `notable` is told of even if it is a part of another step, such as what stands in for something else.
    `shown` is the verbosity from which it is told of, `heard` the one from which its output is: 0 is the usual one,
    each -v more, each -q less. A `call` of a module's function encloses what it asks for without being a part of its
    names; `named` is what such a function says itself that it does.
    """

    name: str
    parent: "Step | None" = None
    shown: int = 0
    heard: int = 1
    call: bool = False
    named: bool = False
    notable: bool = False
    number: int = field(default_factory=lambda: next(_numbers))
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    state: State = "running"

    def log(self, line: str) -> None:
        """Show a line that the work printed."""
        _sink().logged(self, line)

    @property
    def depth(self) -> int:
        """How many steps it is in, calls of functions aside."""
        return 0 if self.parent is None else self.parent.depth + (not self.parent.call)

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
def step(name: str, *, shown: int = 0, heard: int = 1, call: bool = False, notable: bool = False) -> Iterator[Step]:
    """Open a step; an exception marks it failed, a cancellation cancelled, and both pass through."""
    this = Step(name, _current_step.get(), shown, heard, call, notable=notable)
    _sink().started(this)
    try:
        with within(this):
            yield this
    except Exception:
        end(this, "failed")
        raise
    except BaseException:
        end(this, "cancelled")
        raise
    end(this, "done")


def begin(name: str, parent: Step) -> Step:
    """Open a step that a module has named; it ends elsewhere, by `end`."""
    this = Step(name, parent, named=True)
    _sink().started(this)
    return this


def end(this: Step, state: State) -> None:
    """Close a step; what is done was found already, if it was marked so."""
    this.state = "cached" if this.state == "cached" and state == "done" else state
    this.ended = time.monotonic()
    _sink().ended(this)


def is_named() -> bool:
    """Whether what is opened now is a part of something that a module has named."""
    this = _current_step.get()
    while this and not this.named:
        this = this.parent
    return this is not None


@contextlib.contextmanager
def within(this: Step | None) -> Iterator[None]:
    """Make what is opened in the block a part of `this` step, wherever that was opened."""
    token = _current_step.set(this)
    try:
        yield
    finally:
        _current_step.reset(token)
