"""Name what is done, for whoever watches: both engines show OpenTelemetry's spans as steps."""

import functools
from collections.abc import Awaitable, Callable, Iterable, Sized
from contextlib import AbstractContextManager
from typing import ParamSpec, TypeVar

from opentelemetry import trace

P = ParamSpec("P")
R = TypeVar("R")

_TRACER = trace.get_tracer("pipeline")


def doing(title: str) -> AbstractContextManager[trace.Span]:
    """Show a step until the block ends; the commands that it takes are parts of it.

    Args:
        title: what it is for, in words of people: "ask the registry for 8 digests".
    """
    return _TRACER.start_as_current_span(title)


def shown(title: Callable[..., str]) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Show each call of a function as a step; the title is made of its arguments."""

    def decorate(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(function)
        async def call(*args: P.args, **kwargs: P.kwargs) -> R:
            with doing(title(*args, **kwargs)):
                return await function(*args, **kwargs)

        return call

    return decorate


def counted(things: Iterable[object], noun: str) -> str:
    """Return how many there are, as people say it: 1 digest, 8 digests; some are not counted before they are used."""
    if not isinstance(things, Sized):
        return f"{noun}s"
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
