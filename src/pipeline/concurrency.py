"""Do the same for several things, side by side."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, cast

import anyio

T = TypeVar("T")
R = TypeVar("R")


async def side_by_side(function: Callable[[T], Awaitable[R]], items: Sequence[T]) -> list[R]:
    """Apply a function to all items at once and return the results in the items' order.

    The first failure cancels the others and is raised as it is, not in a group.
    """
    results: dict[int, R] = {}

    async def one(index: int) -> None:
        results[index] = await function(items[index])

    try:
        async with anyio.create_task_group() as group:
            for index in range(len(items)):
                group.start_soon(one, index)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [results[index] for index in range(len(items))]


async def both(first: Awaitable[T], second: Awaitable[R]) -> tuple[T, R]:
    """Wait for two different things at once; a failure is raised as it is."""

    async def one() -> T:
        return await first

    async def two() -> R:
        return await second

    left, right = await side_by_side(_called, [one, two])
    return cast("T", left), cast("R", right)


async def _called(function: Callable[[], Awaitable[object]]) -> object:
    return await function()
