"""The terminal's two streams: results on stdout, everything else on stderr."""

import sys

from dagger_local.progress.choose import finish


def result(text: str) -> None:
    """Write a result; a line's end is added for a person only, so that a pipe gets the exact text."""
    if not text:
        return
    finish()
    sys.stdout.write(text)
    if sys.stdout.isatty() and not text.endswith("\n"):
        sys.stdout.write("\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Tell a person something."""
    _write(f"{text}\n")


def interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def agreed(question: str) -> bool:
    """Ask on stderr (`input` itself would ask on stdout, which belongs to the result); anything but yes is no."""
    finish()
    _write(question)
    try:
        return input().strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
