"""Services start once, start again when they ended, and leave nothing open when they fail."""

import asyncio
import os
import socket
import subprocess
import sys
from typing import Any

import pytest

from dagger_local import process
from dagger_local.errors import EngineError
from dagger_local.execution.forwarding import Network
from dagger_local.execution.running import Running
from dagger_local.execution.services import Services

pytestmark = pytest.mark.anyio


class OneNetwork:
    """As much of a session's networks as is asked here: the containers' is this machine's."""

    own = True
    machine = bridge = Network()

    async def address_for_machine(self) -> str:
        return "127.0.0.1"


@pytest.fixture
def services() -> Services:
    nothing: Any = None
    networks: Any = OneNetwork()
    return Services(nothing, nothing, nothing, networks)


async def test_of_many_who_find_an_ended_service_one_starts_it_again(services: Services) -> None:
    started: list[Running] = []

    async def start() -> Running:
        await asyncio.sleep(0)
        running = Running("127.0.0.1", (), Network())
        started.append(running)
        return running

    async def end() -> process.Completed:
        return process.Completed((), 0, "", "")

    first = await services.ensure("id", start)
    closed = asyncio.Event()

    async def close() -> None:
        await asyncio.sleep(0.01)
        closed.set()

    first.stack.push_async_callback(close)
    first.ended = asyncio.create_task(end())
    await first.ended

    found = await asyncio.gather(*(services.ensure("id", start) for _ in range(3)))

    assert started == [first, found[0]]
    assert all(each is found[0] for each in found)
    assert closed.is_set()


async def test_all_are_stopped_also_when_one_cannot_be(services: Services) -> None:
    stopped = []

    async def fail() -> None:
        raise OSError("stuck")

    async def stop() -> None:
        await asyncio.sleep(0)
        stopped.append("other")

    for name, close in (("stuck", fail), ("other", stop)):
        running = Running("127.0.0.1", (), Network())
        running.stack.push_async_callback(close)
        await services.ensure(name, lambda running=running: asyncio.sleep(0, running))  # type: ignore[misc]
    await services.close()

    assert stopped == ["other"]


def test_a_kernel_that_gives_no_network_namespace_is_told_in_one_line() -> None:
    script = "from dagger_local.execution.namespaces import new_namespace; new_namespace()"
    as_others = ["setpriv", "--bounding-set=-sys_admin"] if os.geteuid() == 0 else []
    failed = subprocess.run([*as_others, sys.executable, "-c", script], capture_output=True, text=True, check=False)

    told = "EngineError: this machine gives no network namespace (Operation not permitted); set DAGGER_LOCAL_NETWORK"
    assert told in failed.stderr.splitlines()[-1]


@pytest.mark.parametrize("kind", ["tunnel", "host"])
async def test_a_port_that_is_taken_closes_those_opened_before(services: Services, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
        ports = [listener.getsockname()[1] for listener in (free, taken)]
        free.close()
        wanted = [(each, 1) for each in ports]
        if kind == "tunnel":
            opening = services.tunnel(Running("127.0.0.1", (), Network()), wanted)
        else:
            opening = services.reach_host(["it"], "localhost", wanted)

        with pytest.raises(EngineError, match=f"port {ports[1]} cannot be opened"):
            await opening
        socket.create_server(("127.0.0.1", ports[0])).close()
