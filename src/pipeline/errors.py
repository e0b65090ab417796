"""The pipeline's errors: each is a text that names the value and the next step."""

import difflib
import re
import shlex
from collections.abc import Iterable, Sequence

import dagger

# The one error that the SDK passes on as a message, without a traceback. It has no public name.
from dagger.mod._exceptions import FunctionError

# What Dagger's engine says of its own workings: the way to what failed, as ids of kilobytes, and the trace of it.
_WORKINGS = re.compile(
    r"(?:failed to load \w+ from converted ID: )?load (?:\w+@)?[\w+/=:-]{16,}: (?:inputs: )?"
    r"| \[traceparent:[0-9a-f-]+\]|rpc error: code = \w+ desc = "
)


class PipelineError(FunctionError):
    """A failure that the user can act on."""

    # The SDK puts the class's module before the message, unless it is a built-in.
    __module__ = "builtins"

    def __init_subclass__(cls) -> None:
        cls.__module__ = "builtins"


class InvalidInput(PipelineError):
    """An argument that cannot be used."""


class InvalidDescription(PipelineError):
    """A pipeline.yaml that cannot be used."""


class BuildFailed(PipelineError):
    """An image that could not be built."""


class PushFailed(PipelineError):
    """An image that could not be pushed."""


class ReleaseFailed(PipelineError):
    """A release that could not be made, or not all of it."""


class GitFailed(PipelineError):
    """A Git repository that could not be read or written."""


def shown(value: str, limit: int = 80) -> str:
    """Quote a foreign value for a message: one line, printable, of bounded length."""
    quoted = ascii(value)
    return quoted if len(quoted) <= limit else f"{quoted[:limit]}…'"


def near(name: str, known: Iterable[str]) -> str:
    """Return the known name that another is a near miss of, as a question; empty if it is like none."""
    found = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.5)
    return f"did you mean {found[0]}? " if found else ""


def hidden(address: str) -> str:
    """Quote an address for a message, without what may be a secret: all before its last `@`, query and fragment."""
    bare = re.sub("^([a-z][a-z+.-]*://)?.*@", r"\1***@", address, flags=re.DOTALL | re.IGNORECASE)
    return shown(re.sub("([?#]).+", r"\1***", bare, flags=re.DOTALL))


def last_lines(text: str, count: int = 12) -> str:
    """Return the end of a program's output, indented, to be put under a message."""
    return "".join(f"\n  {line}" for line in text.strip().splitlines()[-count:])


def explained(error: dagger.QueryError) -> str:
    """Say what an engine's error is about: its first line, and the last lines a failed command printed."""
    if isinstance(error, dagger.ExecError):
        printed = error.stderr if error.stderr.strip() else error.stdout
        return f"{_written(error.command)} ended with exit code {error.exit_code}{last_lines(printed)}"
    first, *rest = _WORKINGS.sub("", str(error)).strip().splitlines() or ["the engine gave no reason"]
    return first + last_lines("\n".join(rest))


def _written(command: Sequence[str]) -> str:
    """Write a command as in a Dockerfile: without the shell that runs it."""
    shell = len(command) == 3 and command[0].endswith("sh") and command[1] == "-c"
    return shown(command[2] if shell else shlex.join(command), 120)
