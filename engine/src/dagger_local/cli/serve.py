"""`dagger-local session`: the binary that a Dagger SDK starts; it lives until its standard input closes."""

import asyncio
import json
import os
import sys
import threading

from dagger_local.cli.engine import Engine


async def serve(session: Engine) -> int:
    """Print where the session listens, as one line of JSON, and wait for the parent to close our stdin."""
    sys.stdout.write(json.dumps({"port": session.port, "session_token": session.token}) + "\n")
    sys.stdout.flush()
    closed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def drain() -> None:
        while os.read(0, 1 << 12):
            pass
        loop.call_soon_threadsafe(closed.set)

    # not asyncio.to_thread: at exit that would wait for a read that a signal left behind
    threading.Thread(target=drain, daemon=True).start()
    await closed.wait()
    return 0
