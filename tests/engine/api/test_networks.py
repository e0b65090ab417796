"""Every container has a network of its own: with its services and the world, without this machine's loopback."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import anyio
import dagger
import pytest
from dagger import ReturnType

pytestmark = [pytest.mark.anyio, pytest.mark.engine]
GATEWAY = "$(ip route | grep default | cut -d' ' -f3)"


def fresh(container: dagger.Container) -> dagger.Container:
    return container.with_env_variable("NONCE", secrets.token_hex(4))


def page(alpine: dagger.Container, text: str, port: int = 80) -> dagger.Container:
    return fresh(alpine).with_new_file("/www/index.html", text).with_exposed_port(port)


def served(container: dagger.Container, port: int = 80) -> dagger.Service:
    return container.as_service(args=["httpd", "-f", "-p", str(port), "-h", "/www"])


@pytest.fixture
async def on_this_machine(free_tcp_port: int) -> AsyncIterator[int]:
    """A port of this machine's loopback that answers."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"the machine\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", free_tcp_port):
        yield free_tcp_port


async def test_a_service_is_bound_to_another_on_the_same_port(alpine: dagger.Container) -> None:
    inner = served(page(alpine, "inner"))
    script = "wget -qO- http://inner > /www/index.html && exec httpd -f -p 80 -h /www"
    outer = page(alpine, "outer").with_service_binding("inner", inner).as_service(args=["sh", "-c", script])

    both = fresh(alpine).with_service_binding("inner", inner).with_service_binding("outer", outer)

    assert await both.with_exec(["wget", "-qO-", "http://outer", "http://inner"]).stdout() == "innerinner"


async def test_services_reach_each_other_by_their_names(alpine: dagger.Container) -> None:
    """Two that know each other cannot both be bound first: names are looked up while they run."""
    first, second = (f"{each}-{secrets.token_hex(4)}" for each in ("first", "second"))
    one = served(page(alpine, "one")).with_hostname(first)
    await one.start()
    relay = page(alpine, "two").with_new_file(
        "/www/cgi-bin/relay", f"#!/bin/sh\necho; wget -qO- http://{first}\n", permissions=0o755
    )
    two = served(relay).with_hostname(second)
    await two.start()

    asked = fresh(alpine).with_exec(["wget", "-qO-", f"http://{second}/cgi-bin/relay"])

    assert await asked.stdout() == "one"


async def test_a_step_listens_where_its_service_does(alpine: dagger.Container) -> None:
    script = "echo mine > /mine; httpd -p 8080 -h / && wget -qO- http://127.0.0.1:8080/mine http://web:8080"
    bound = fresh(alpine).with_service_binding("web", served(page(alpine, "theirs", 8080), 8080))

    assert await bound.with_exec(["sh", "-c", script]).stdout() == "mine\ntheirs"


async def test_twenty_containers_listen_on_one_port_at_once(alpine: dagger.Container) -> None:
    script = "echo $0 > /number; httpd -p 8080 -h /; sleep 1; wget -qO- http://127.0.0.1:8080/number"
    said: dict[int, str] = {}

    async def run(number: int) -> None:
        said[number] = await fresh(alpine).with_exec(["sh", "-c", script, str(number)]).stdout()

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(run, number)

    assert said == {number: f"{number}\n" for number in range(20)}


async def test_a_bound_service_is_reached_by_its_alias_alone(alpine: dagger.Container) -> None:
    bound = fresh(alpine).with_service_binding("web", served(page(alpine, "hello", 8080), 8080))
    asked = bound.with_exec(["wget", "-qO-", "http://127.0.0.1:8080"], expect=ReturnType.ANY)

    assert await bound.with_exec(["wget", "-qO-", "http://web:8080"]).stdout() == "hello"
    assert await asked.exit_code() != 0
    assert "refused" in await asked.stderr()


@pytest.mark.parametrize(
    "where", ["127.0.0.1", "localhost", "$(ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p')"]
)
async def test_this_machines_loopback_is_out_of_reach(
    alpine: dagger.Container, on_this_machine: int, where: str
) -> None:
    asked = fresh(alpine).with_exec(["sh", "-c", f"nc -w 2 {where} {on_this_machine} </dev/null; true"])

    assert await asked.stdout() == ""


async def test_a_port_of_this_machine_is_given_by_name(
    dag: dagger.Client, alpine: dagger.Container, on_this_machine: int
) -> None:
    host = dag.host().service([dagger.PortForward(backend=on_this_machine, frontend=8080)])
    bound = fresh(alpine).with_service_binding("machine", host)

    assert await bound.with_exec(["sh", "-c", "nc machine 8080 </dev/null"]).stdout() == "the machine\n"


async def test_names_of_the_world_are_looked_up_past_this_machines_loopback(alpine: dagger.Container) -> None:
    resolver = await fresh(alpine).with_exec(["sed", "-n", "s/^nameserver //p", "/etc/resolv.conf"]).stdout()

    assert resolver.strip()
    assert not resolver.startswith("127.")
