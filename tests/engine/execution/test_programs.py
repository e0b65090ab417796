"""Programs of the host that are ended before their end."""

import asyncio
import contextlib
import gc
import os
import signal
from pathlib import Path

import pytest

from dagger_local.process import run

pytestmark = pytest.mark.anyio


async def test_a_program_that_is_ended_while_others_hold_its_output_does_not_deafen_the_next(tmp_path: Path) -> None:
    # What it started goes on in a session of its own, as a container's process does when its runtime is killed.
    held = tmp_path / "held"
    ending = asyncio.create_task(run(["sh", "-c", f"setsid sh -c 'echo $$ > {held}; exec sleep 600' & wait"]))
    async with asyncio.timeout(30):
        while not (held.exists() and held.read_text().endswith("\n")):  # noqa: ASYNC110  (another program writes it)
            await asyncio.sleep(0)
    ending.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ending
    del ending
    gc.collect()
    try:
        async with asyncio.timeout(30):
            said = await asyncio.gather(*(run(["echo", "heard"]) for _ in range(3)))
    finally:
        os.kill(int(held.read_text()), signal.SIGKILL)
    assert [done.stdout for done in said] == ["heard\n"] * 3
