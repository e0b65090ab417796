"""What a call of a module says that it does: OpenTelemetry's spans, as steps."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from dagger_local.progress import Step, begin, end, within

_PATIENCE = 1.0
"""Seconds to wait for a span of which a request came first: it was told before, on another way."""


class Spans:
    """The spans of one call, by their ids. `told` gets the lines about them that the call's process writes."""

    def __init__(self, call: Step) -> None:
        self._call = call
        self._steps: dict[str, asyncio.Future[Step]] = {}

    def told(self, about: Mapping[str, Any]) -> None:
        """Open the step of a span that begins, or close that of one that ends."""
        place = self._place(about["span"])
        if "title" in about:
            parent = self._steps.get(about["parent"])
            above = parent.result() if parent and parent.done() else self._call
            place.set_result(begin(about["title"], above))
        elif place.done() and place.result().ended is None:
            end(place.result(), about["state"])

    @contextlib.asynccontextmanager
    async def containing(self, traceparent: str) -> AsyncIterator[None]:
        """Make what a request asks for a part of the span that its `traceparent` header names, or of the call."""
        _, _, rest = traceparent.partition("-")
        _, _, rest = rest.partition("-")
        with within(await self._find(rest.partition("-")[0])):
            yield

    async def _find(self, span: str) -> Step:
        if not span:
            return self._call
        try:
            return await asyncio.wait_for(asyncio.shield(self._place(span)), _PATIENCE)
        except TimeoutError:
            return self._call

    def _place(self, span: str) -> "asyncio.Future[Step]":
        return self._steps.setdefault(span, asyncio.get_running_loop().create_future())

    def close(self) -> None:
        """Close the steps that are still open: the call's process has ended."""
        for place in self._steps.values():
            if place.done() and not place.cancelled() and place.result().ended is None:
                end(place.result(), "cancelled")
            place.cancel()
