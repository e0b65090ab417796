"""The terminal's two streams: results on stdout, everything else on stderr."""

import sys


def result(text: str) -> None:
    """Write a result; a line's end is added for a person only, so that a pipe gets the exact text."""
    if not text:
        return
    sys.stdout.write(text)
    if sys.stdout.isatty() and not text.endswith("\n"):
        sys.stdout.write("\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Tell a person something."""
    note_inline(f"{text}\n")


def interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def note_inline(text: str) -> None:
    """Write to stderr without ending the line."""
    sys.stderr.write(text)
    sys.stderr.flush()
