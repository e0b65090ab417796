"""Do the same for several things, side by side."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

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
