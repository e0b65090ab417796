"""Choose who shows the steps: a live tree for a person at a terminal, lines for everyone else."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Literal, get_args

from dagger_local.errors import EngineError
from dagger_local.progress.plain import PlainLines
from dagger_local.progress.steps import show

Kind = Literal["auto", "plain", "tty", "dots", "logs", "report"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_FAILURES = -1
"""The verbosity that leaves nothing but failures."""

_finish: list[Callable[[], None]] = []
_shown: list[bool] = []


@contextlib.contextmanager
def progress(kind: Kind, *, verbosity: int, silent: bool, live: bool) -> Iterator[None]:
    """Show steps on stderr while the block runs: with a `verbosity` of -1 the failures, with less or `silent` none.

    `live` allows the tree where it was not asked for. Raises EngineError when it was and stderr is no terminal.
    """
    terminal = sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
    wanted = os.environ.get("DAGGER_PROGRESS", "auto") if kind == "auto" else kind
    if wanted not in KINDS:
        raise EngineError(f"DAGGER_PROGRESS={wanted} is not known; set it to one of {', '.join(KINDS)}")
    if kind == "tty" and not terminal:
        raise EngineError("--progress tty: stderr is no terminal; use plain")
    if silent or verbosity < _FAILURES:
        yield
        return
    if verbosity > _FAILURES:
        _shown.append(True)
    if terminal and (wanted == "tty" or (wanted == "auto" and live)):
        from dagger_local.progress.tty import LiveTree  # noqa: PLC0415 - rich takes time to import

        with LiveTree(verbosity=verbosity) as tree:
            _finish.append(tree.finish)
            show(tree)
            yield
    elif wanted in ("dots", "logs", "report"):
        from dagger_local.progress import brief  # noqa: PLC0415 - few ask for them

        kinds: dict[str, type[brief.Logs | brief.Report]] = {"logs": brief.Logs, "report": brief.Report}
        sink = kinds.get(wanted, brief.Dots)(sys.stderr, verbosity=verbosity)
        show(sink)
        try:
            yield
        finally:
            sink.finish()
    else:
        show(PlainLines(sys.stderr, verbosity=verbosity))
        yield


def shown() -> bool:
    """Whether the steps have already told the output of what failed."""
    return bool(_shown)


def finish() -> None:
    """Take a live tree off the screen, for good: a result or a question is next."""
    while _finish:
        _finish.pop()()
