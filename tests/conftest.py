"""Holds for all tests: Ctrl-C reaches what they start, and the SDK's shared connection is opened once a worker."""

import signal
import sys
from collections.abc import AsyncIterator

import dagger
import pytest
from support import engine

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Shells without job control start `make test &` with SIGINT ignored, and programs hand that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def dag(anyio_backend: str) -> AsyncIterator[dagger.Client]:
    """The session that `dagger.dag` speaks to: the one that is there, else one of the local engine.

    That connection is one for the whole process: whoever opens it a second time closes the first.
    """
    engine.choose()
    async with dagger.connection(dagger.Config(log_output=sys.stderr)):
        yield dagger.dag
