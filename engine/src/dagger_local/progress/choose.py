"""Choose who shows the steps: a live tree for a person at a terminal, lines for everyone else."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Literal

from dagger_local.errors import EngineError
from dagger_local.progress.plain import PlainLines
from dagger_local.progress.steps import show

_finish: list[Callable[[], None]] = []
_shown_live: list[bool] = []


@contextlib.contextmanager
def progress(kind: Literal["auto", "plain", "tty"], *, quiet: int, silent: bool, live: bool) -> Iterator[None]:
    """Show steps on stderr while the block runs: all, with `quiet` the failures, with more of it or `silent` none.

    `live` allows the tree where it was not asked for. Raises EngineError when it was and stderr is no terminal.
    """
    terminal = sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
    wanted = os.environ.get("DAGGER_PROGRESS", "auto") if kind == "auto" else kind
    if kind == "tty" and not terminal:
        raise EngineError("--progress tty: stderr is no terminal; use plain")
    if silent or quiet > 1:
        yield
    elif terminal and (wanted == "tty" or (wanted == "auto" and live)):
        from dagger_local.progress.tty import LiveTree  # noqa: PLC0415 - rich takes time to import

        with LiveTree(only_failures=bool(quiet)) as tree:
            _finish.append(tree.finish)
            _shown_live.append(True)
            show(tree)
            yield
    else:
        show(PlainLines(sys.stderr, only_failures=bool(quiet)))
        yield


def shown_live() -> bool:
    """Whether a live tree has already left the output of what failed on the screen."""
    return bool(_shown_live)


def finish() -> None:
    """Take a live tree off the screen, for good: a result or a question is next."""
    while _finish:
        _finish.pop()()
