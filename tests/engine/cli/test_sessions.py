"""A session around a command, and its end."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dagger_local.cli import sessions
from dagger_local.cli.options import Options


def test_cleaning_up_that_never_ends_does_not_keep_an_interrupted_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    codes: list[int] = []
    stuck = asyncio.Event()

    @contextlib.asynccontextmanager
    async def engine(_workdir: Path, _module: Path | None) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await stuck.wait()

    def leave(code: int) -> None:
        codes.append(code)
        stuck.set()

    async def work(*_: object) -> int:
        this = asyncio.current_task()
        assert this
        this.cancel()
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(sessions, "engine", engine)
    monkeypatch.setattr(sessions, "_PATIENCE", 0)
    monkeypatch.setattr(os, "_exit", leave)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(sessions._session(work, Options(debug=True), module=False, lasting=False))
    assert codes == [130]
    assert capsys.readouterr().err == "interrupted\n"
