"""Say what was done by then, when a call is interrupted: as far as its engine lets it speak."""

import contextlib
import sys
from collections.abc import Callable, Iterator

import anyio

UNKNOWN = "The commit was being pushed: `history` tells whether it is there"


@contextlib.contextmanager
def saying_if_interrupted(what: Callable[[], str]) -> Iterator[None]:
    """Say something if the call is interrupted within.

    The local engine lets a call end by itself; Dagger's kills it without a word.
    """
    try:
        yield
    except anyio.get_cancelled_exc_class():
        sys.stderr.write(f"interrupted: {what()}\n")
        sys.stderr.flush()
        raise
