"""The entry point: run a command line, and turn whatever goes wrong into one line and an exit status."""

import os
import sys
from collections.abc import Sequence

from dagger_local.cli import console
from dagger_local.cli.dispatch import dispatch
from dagger_local.cli.flags import UsageError
from dagger_local.cli.help import PROGRAM
from dagger_local.cli.options import preview
from dagger_local.disk import named
from dagger_local.errors import EngineError, ExecError
from dagger_local.progress.choose import shown

_TAIL = 20
"""Lines of a failed command's output to repeat."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status: 0, 1 or a failed command's for a failure, 130 when interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    debug = preview(words).debug
    try:
        return dispatch(words)
    except KeyboardInterrupt:
        console.note("interrupted")
        return 130
    except BrokenPipeError:  # whoever read the result has gone; Python must not flush to them again
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except Exception as error:
        if debug and not isinstance(error, UsageError):
            raise
        console.note(explain(error))
        return status(error, words)


def status(error: BaseException, words: Sequence[str]) -> int:
    """Return the exit status of a line that failed: that of the command which failed in a call, as dagger has it."""
    if isinstance(error, BaseExceptionGroup):
        return status(error.exceptions[0], words)
    called = {"call", "core"} & set(words)
    return (error.exit_code & 0xFF or 1) if called and isinstance(error, ExecError) else 1


def explain(error: BaseException) -> str:
    """Return what a person is told: one line, after the end of a failed command's output."""
    if isinstance(error, BaseExceptionGroup):
        return explain(error.exceptions[0])
    if isinstance(error, UsageError):
        hint = " ".join([PROGRAM, *error.command.split(), "--help"])
        return f"Error: {error}\nRun '{hint}' for usage."
    if isinstance(error, ExecError):
        said = "" if shown() else f"{error.stdout.rstrip()}\n{error.stderr.rstrip()}".strip()
        reason = f"Error: process {' '.join(error.cmd)!r} did not complete successfully: {error}"
        return "\n".join([*said.splitlines()[-_TAIL:], reason])
    if isinstance(error, EngineError):
        return f"Error: {error}"
    if isinstance(error, OSError) and error.errno:
        return f"Error: {named(error)}"
    return f"Error: {type(error).__name__}: {' '.join(str(error).split())} (run again with --debug for more)"
