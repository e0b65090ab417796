"""Dagger's decorators, typed: what the SDK's own overloads leave out, in one place."""

import dataclasses
import functools
import re
import shlex
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ParamSpec, TypeVar, cast, dataclass_transform

import dagger

from ._errors import PipelineError, last_lines, shown

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

# What Dagger's engine says of its own workings: the way to what failed, as ids of kilobytes, and the trace of it.
_WORKINGS = re.compile(
    r"(?:failed to load \w+ from converted ID: )?load (?:\w+@)?[\w+/=:-]{16,}: (?:inputs: )?"
    r"| \[traceparent:[0-9a-f-]+\]|rpc error: code = \w+ desc = "
)


def field(*, default: Callable[[], Any] | object = ...) -> Any:
    """Expose an attribute of an object."""
    return dagger.field(default=default)


@dataclass_transform(kw_only_default=True, field_specifiers=(field, dataclasses.field))
def object_type(cls: type[T]) -> type[T]:
    """Expose a class as a Dagger object; it becomes a dataclass."""
    return dagger.object_type(cls)


def function(function: Callable[P, R]) -> Callable[P, R]:
    """Expose a method as a Dagger function whose result depends on nothing but its arguments."""
    return cast("Callable[P, R]", dagger.function(function))


def uncached(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Expose an async method as a Dagger function whose result is never reused.

    What the engine refuses, and the pipeline did not foresee, is shown as one message as well: the SDK would
    log a traceback.
    """

    @functools.wraps(function)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await function(*args, **kwargs)
        except dagger.QueryError as error:
            raise PipelineError(explained(error)) from None

    decorate = cast("Callable[[Any], Any]", dagger.function(cache="never"))  # type: ignore[call-overload]
    return cast("Callable[P, Awaitable[R]]", decorate(guarded))


def check(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a method as a check: it has no required argument, and fails only by raising; goes under `uncached`."""
    return cast("Callable[P, R]", dagger.check(function))


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
