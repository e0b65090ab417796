"""Choose who shows the steps: a live tree for a person at a terminal, lines for everyone else."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Literal

from dagger_local.errors import EngineError
from dagger_local.progress.plain import PlainLines
from dagger_local.progress.steps import show


@contextlib.contextmanager
def progress(kind: Literal["auto", "plain", "tty"], *, quiet: int, silent: bool, live: bool) -> Iterator[None]:
    """Show steps on stderr while the block runs. Raises EngineError when a terminal is asked for and there is none."""
    if silent or quiet > 1:
        yield
        return
    wanted = os.environ.get("DAGGER_PROGRESS", "auto") if kind == "auto" else kind
    terminal = sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
    if wanted == "tty" and not terminal:
        raise EngineError("--progress tty: stderr is no terminal; use plain")
    if wanted == "tty" or (wanted == "auto" and terminal and live):
        from dagger_local.progress.tty import LiveTree  # noqa: PLC0415 - rich takes time to import

        with LiveTree(keep=not quiet) as tree:
            show(tree)
            yield
        return
    show(PlainLines(sys.stderr, logs=not quiet))
    yield
