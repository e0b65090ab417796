"""Dagger's decorators, typed: what the SDK's own overloads leave out, in one place."""

import dataclasses
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, cast, dataclass_transform

import dagger

from pipeline.errors import PipelineError, explained

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def field(*, default: Callable[[], Any] | object = ...) -> Any:
    """Expose an attribute of an object."""
    return dagger.field(default=default)


@dataclass_transform(kw_only_default=True, field_specifiers=(field, dataclasses.field))
def object_type(cls: type[T]) -> type[T]:
    """Expose a class as a Dagger object; it becomes a dataclass."""
    return dagger.object_type(cls)


def function(function: Callable[P, R]) -> Callable[P, R]:
    """Expose a method as a Dagger function whose result depends on nothing but its arguments."""
    guarded = _guarded(function) if inspect.iscoroutinefunction(function) else function
    return cast("Callable[P, R]", dagger.function(guarded))


def uncached(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Expose an async method as a Dagger function whose result is never reused."""
    decorate = cast("Callable[[Any], Any]", dagger.function(cache="never"))  # type: ignore[call-overload]
    return cast("Callable[P, Awaitable[R]]", decorate(_guarded(function)))


def _guarded(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Show what the engine refuses, and the pipeline did not foresee, as one message: the SDK would log a traceback."""

    @functools.wraps(function)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await function(*args, **kwargs)
        except dagger.QueryError as error:
            raise PipelineError(explained(error)) from None

    return guarded


def generate(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a method as a generator: it returns a Changeset, has no required argument, and goes under `uncached`.

    `dagger generate` applies what it returns; `dagger check` fails while there is something to apply.
    """
    return cast("Callable[P, R]", dagger.generate(function))


def up(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a method as a service that `dagger up` starts: no argument is required, and it goes under `uncached`."""
    return cast("Callable[P, R]", dagger.up(function))


def check(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a method as a check, under `function` or `uncached`: no argument is required, it fails only by raising."""
    return cast("Callable[P, R]", dagger.check(function))
