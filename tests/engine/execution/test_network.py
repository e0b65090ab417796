"""The networks of a session: addresses that take nothing away, and nothing left of them."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from dagger_local.execution.network import Networks, free_range

from .conftest import Start, until

pytestmark = pytest.mark.engine
HEAD = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"


def route(network: str) -> str:
    parsed = IPv4Network(network)
    address, mask = (bytes(each.packed)[::-1].hex().upper() for each in (parsed.network_address, parsed.netmask))
    return f"eth0 {address} 00000000 0001 0 0 0 {mask} 0 0 0\n"


def test_containers_get_addresses_that_no_route_of_the_machine_leads_to() -> None:
    first = free_range(HEAD + route("0.0.0.0/0"))

    second = free_range(HEAD + route("0.0.0.0/0") + route(str(first)))

    assert not first.overlaps(second)


def test_a_route_to_all_private_addresses_leaves_a_choice_all_the_same() -> None:
    assert free_range(HEAD + route("10.0.0.0/8")).prefixlen == 16


@pytest.mark.anyio
async def test_containers_come_and_go_and_the_bridge_keeps_its_hardware_address() -> None:
    networks = Networks()
    seen = set()
    try:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(10):  # each has an address by chance, and a bridge would take the lowest
                await stack.enter_async_context(networks.place())
                seen.add(await networks._inside(hardware_address))
            await stack.aclose()
            seen.add(await networks._inside(hardware_address))
    finally:
        await networks.close()
    assert len(seen) == 1


def hardware_address() -> bytes:
    """Return the bridge's in this thread's network namespace (SIOCGIFHWADDR of netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        return fcntl.ioctl(any_socket, 0x8927, struct.pack("256s", b"br0"))[18:24]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_sessions_networks(start: Start, how: signal.Signals) -> None:
    before = links_and_routes()
    session = start()
    assert session.run("sh", "-c", "ip route | grep -c default") == "1\n"
    helpers = [pid for pid in descendants(session.process.pid) if name_of(pid) == "slirp4netns"]
    assert helpers
    assert links_and_routes() == before

    session.process.send_signal(how)
    session.process.wait()

    assert until(lambda: not any(name_of(pid) == "slirp4netns" for pid in helpers))
    assert links_and_routes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="whoever is not root has only such sessions")
def test_without_root_a_step_listens_where_its_service_does_as_well(start: Start) -> None:
    before = links_and_routes()
    session = start(within=[sys.executable, str(Path(__file__).parent / "in_user_namespace.py")])
    page = 'withNewFile(path: "/www/index.html", contents: "theirs")'
    served = 'withExposedPort(port: 8080) { asService(args: ["httpd", "-f", "-p", "8080", "-h", "/www"]) { id } }'
    asked = session.ask(f'{{ container {{ from(address: "alpine:3.22.2") {{ {page} {{ {served} }} }} }} }}')
    service = asked["container"]["from"]["withNewFile"]["withExposedPort"]["asService"]["id"]

    script = "echo mine > /mine; httpd -p 8080 -h / && wget -qO- http://127.0.0.1:8080/mine http://web:8080"
    bound = f'withServiceBinding(alias: "web", service: {json.dumps(service)})'
    run = f'withExec(args: ["sh", "-c", {json.dumps(script)}]) {{ stdout }}'
    said = session.ask(f'{{ container {{ from(address: "alpine:3.22.2") {{ {bound} {{ {run} }} }} }} }}')

    assert said["container"]["from"]["withServiceBinding"]["withExec"]["stdout"] == "mine\ntheirs"
    assert links_and_routes() == before


def test_a_machine_without_slirp4netns_is_told_the_next_step(start: Start, tmp_path: Path) -> None:
    for name in ("runc", "catatonit", "buildah", "git"):
        (tmp_path / name).symlink_to(subprocess.check_output(["which", name], text=True).strip())

    with pytest.raises(LookupError, match="slirp4netns is not installed; .*DAGGER_LOCAL_NETWORK=host"):
        start(PATH=str(tmp_path)).run("true")


def test_this_machines_network_can_be_shared(start: Start) -> None:
    session = start(DAGGER_LOCAL_NETWORK="host")

    assert session.run("readlink", "/proc/self/ns/net") == f"{Path('/proc/self/ns/net').readlink()}\n"


def links_and_routes() -> tuple[list[str], str]:
    """What the machine's own namespace holds, but for those of other programs' containers, which come and go."""
    names = sorted(each.name for each in Path("/sys/class/net").iterdir() if not each.name.startswith("veth"))
    return names, Path("/proc/net/route").read_text()


def descendants(pid: int) -> list[int]:
    children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir()
                for child in (task / "children").read_text().split()]  # fmt: skip
    return [*children, *(each for child in children for each in descendants(child))]


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
