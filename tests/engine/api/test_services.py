"""Services: containers beside others, ports of this machine given to containers and the other way round."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable

import anyio
import dagger
import httpx
import pytest

Serve = Callable[..., dagger.Service]
pytestmark = [pytest.mark.anyio, pytest.mark.engine]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Makes services that end with the test: a port that one listens on is taken on this machine."""
    made: list[dagger.Service] = []

    def make(container: dagger.Container, *args: str) -> dagger.Service:
        made.append(container.as_service(args=list(args)))
        return made[-1]

    yield make
    for service in made:
        await service.stop(kill=True)


@pytest.fixture
def web(alpine: dagger.Container, serve: Serve) -> dagger.Service:
    """A web server of this test's own."""
    page = alpine.with_new_file("/www/index.html", f"hello {secrets.token_hex(4)}")
    return serve(page.with_exposed_port(8080), "httpd", "-f", "-p", "8080", "-h", "/www")


async def fetch(alpine: dagger.Container, service: dagger.Service, url: str = "http://web:8080") -> str:
    bound = alpine.with_service_binding("web", service).with_env_variable("NONCE", secrets.token_hex(4))
    return await bound.with_exec(["wget", "-qO-", url]).stdout()


async def test_a_bound_service_is_reached_by_its_alias(alpine: dagger.Container, web: dagger.Service) -> None:
    assert (await fetch(alpine, web)).startswith("hello ")


async def test_a_service_runs_once_for_all_that_are_bound_to_it(alpine: dagger.Container, serve: Serve) -> None:
    page = alpine.with_new_file("/www/cgi-bin/id", "#!/bin/sh\necho; cat /id\n", permissions=0o755)
    script = "cat /proc/sys/kernel/random/uuid > /id; httpd -f -p 80 -h /www"
    counting = serve(page.with_exposed_port(80), "sh", "-c", script)
    ids: set[str] = set()

    async def ask() -> None:
        ids.add(await fetch(alpine, counting, "http://web/cgi-bin/id"))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(ask)

    assert len(ids) == 1


async def test_services_are_bound_to_services(alpine: dagger.Container, web: dagger.Service, serve: Serve) -> None:
    script = "#!/bin/sh\necho; wget -qO- http://inner:8080\n"
    page = alpine.with_new_file("/www/cgi-bin/relay", script, permissions=0o755)
    relay = page.with_service_binding("inner", web).with_exposed_port(80)
    outer = serve(relay, "httpd", "-f", "-p", "80", "-h", "/www")

    assert (await fetch(alpine, outer, "http://web/cgi-bin/relay")).startswith("hello ")


async def test_a_service_reaches_what_it_is_bound_to_from_its_first_instruction(
    alpine: dagger.Container, web: dagger.Service, serve: Serve
) -> None:
    bound = alpine.with_service_binding("inner", web).with_exposed_port(80)
    outer = serve(bound, "sh", "-c", "mkdir /m; wget -qO /m/index.html http://inner:8080 && exec httpd -f -p 80 -h /m")

    assert (await fetch(alpine, outer, "http://web")).startswith("hello ")


async def test_two_services_can_have_the_same_port(alpine: dagger.Container, serve: Serve) -> None:
    def serving(text: str) -> dagger.Service:
        made = alpine.with_new_file("/www/index.html", text).with_exposed_port(80)
        return serve(made, "httpd", "-f", "-p", "80", "-h", "/www")

    both = alpine.with_service_binding("one", serving("1")).with_service_binding("two", serving("2"))

    assert await both.with_exec(["sh", "-c", "wget -qO- http://one; wget -qO- http://two"]).stdout() == "12"


async def test_a_service_is_started_named_and_stopped(alpine: dagger.Container, web: dagger.Service) -> None:
    await web.start()
    host = await web.hostname()

    assert await web.endpoint() == f"{host}:8080"
    assert await web.endpoint(port=8080, scheme="http") == f"http://{host}:8080"
    assert [await port.port() for port in await web.ports()] == [8080]
    reached = alpine.with_env_variable("NONCE", secrets.token_hex(4)).with_service_binding("web", web)
    assert (await reached.with_exec(["wget", "-qO-", f"http://{host}:8080"]).stdout()).startswith("hello ")
    await web.stop()
    assert (await fetch(alpine, web)).startswith("hello "), "a stopped service is started again"
    await web.stop(kill=True)


async def test_a_service_can_have_a_name_for_all(alpine: dagger.Container, web: dagger.Service) -> None:
    name = f"name-{secrets.token_hex(4)}"
    named = web.with_hostname(name)
    await named.start()

    assert await named.hostname() == name
    assert (await alpine.with_exec(["wget", "-qO-", f"http://{name}:8080"]).stdout()).startswith("hello ")
    await named.stop()


async def test_an_endpoint_needs_a_port(alpine: dagger.Container, web: dagger.Service) -> None:
    with pytest.raises(dagger.QueryError, match="no ports exposed"):
        await alpine.as_service(args=["sleep", "10"]).endpoint()
    assert (await web.endpoint(port=9)).endswith(":9")


async def test_a_tunnel_needs_a_port(dag: dagger.Client, alpine: dagger.Container) -> None:
    with pytest.raises(dagger.QueryError, match="no ports to forward"):
        await dag.host().tunnel(alpine.as_service(args=["sleep", "10"])).start()


async def test_a_tunnel_leads_from_this_machine_to_a_service(dag: dagger.Client, web: dagger.Service) -> None:
    tunnel = await dag.host().tunnel(web).start()

    async with httpx.AsyncClient() as client:
        answer = await client.get(await tunnel.endpoint(scheme="http"))
    assert answer.text.startswith("hello ")
    await tunnel.stop()


async def test_a_tunnel_opens_the_port_that_is_asked_for(
    dag: dagger.Client, web: dagger.Service, free_tcp_port: int
) -> None:
    tunnel = await dag.host().tunnel(web, ports=[dagger.PortForward(backend=8080, frontend=free_tcp_port)]).start()

    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{free_tcp_port}")).text.startswith("hello ")
    await tunnel.stop()


@pytest.fixture
async def echo(free_tcp_port: int) -> AsyncIterator[int]:
    """A server on this machine that answers what it is told."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"you said " + await reader.readline())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", free_tcp_port):
        yield free_tcp_port


async def test_a_port_of_this_machine_is_given_to_a_container(
    dag: dagger.Client, alpine: dagger.Container, echo: int
) -> None:
    host = dag.host().service([dagger.PortForward(backend=echo, frontend=7777)])
    bound = alpine.with_env_variable("NONCE", secrets.token_hex(4)).with_service_binding("host", host)

    assert await bound.with_exec(["sh", "-c", "echo word | nc host 7777"]).stdout() == "you said word\n"


async def test_many_connections_and_much_data_pass(alpine: dagger.Container, serve: Serve) -> None:
    script = "mkdir /www; dd if=/dev/urandom of=/www/big bs=1M count=20; sha256sum < /www/big > /www/sum"
    page = alpine.with_exec(["sh", "-c", script])
    served = serve(page.with_exposed_port(80), "httpd", "-f", "-p", "80", "-h", "/www")
    script = "for i in 1 2 3 4; do wget -qO- http://web/big | sha256sum & done; wait; wget -qO- http://web/sum"

    sums = (await alpine.with_service_binding("web", served).with_exec(["sh", "-c", script]).stdout()).splitlines()

    assert len(sums) == 5
    assert len(set(sums)) == 1


async def test_a_service_that_dies_early_tells_its_last_lines(alpine: dagger.Container) -> None:
    dying = alpine.with_exposed_port(80).as_service(args=["sh", "-c", "echo cannot go on; exit 3"])

    with pytest.raises(dagger.ExecError, match=r"start .* \(aliased as web\): exit code: 3") as caught:
        await alpine.with_service_binding("web", dying).with_exec(["true"]).sync()

    assert caught.value.exit_code == 3
    assert caught.value.stdout == "cannot go on\n"


async def test_a_service_that_ends_well_before_it_is_ready_is_told(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.QueryError, match="service exited before healthcheck"):
        await alpine.with_exposed_port(80).as_service(args=["true"]).start()


async def test_a_service_without_ports_may_end_at_once(alpine: dagger.Container) -> None:
    bound = alpine.with_service_binding("quick", alpine.as_service(args=["true"]))

    assert await bound.with_exec(["echo", "ran"]).stdout() == "ran\n"


async def test_a_service_gets_secrets_mounts_and_variables(
    dag: dagger.Client, alpine: dagger.Container, serve: Serve
) -> None:
    script = 'printf "%s %s" "$V" "$(cat /s /m/f)" > /www; while true; do nc -l -p 80 -e cat /www; done'
    given = (
        alpine.with_env_variable("V", "v")
        .with_mounted_secret("/s", dag.set_secret("service", "shh"))
        .with_mounted_directory("/m", dag.directory().with_new_file("f", "f"))
    )
    service = serve(given.with_exposed_port(80), "sh", "-c", script)

    bound = alpine.with_service_binding("web", service).with_env_variable("NONCE", secrets.token_hex(4))
    assert await bound.with_exec(["nc", "web", "80"]).stdout() == "v shhf"
