"""As much of rtnetlink(7) as a bridge with containers on it needs, for the calling thread's network namespace.

Numbers are those of linux/rtnetlink.h, linux/if_link.h and linux/if_addr.h.
"""

import os
import socket
import struct
from collections.abc import Iterable
from ipaddress import IPv4Address

_ACK, _CREATE = 0x1 | 0x4, 0x400 | 0x200  # REQUEST | ACK, CREATE | EXCL
_ERROR = 2
_NEW_LINK, _NEW_ADDRESS, _NEW_ROUTE = 16, 20, 24
_UP = 1
_NESTED = 0x8000
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_MASTER, _IFLA_LINKINFO, _IFLA_NET_NS_FD = 1, 3, 4, 10, 18, 28
_INFO_KIND, _INFO_DATA, _VETH_PEER = 1, 2, 1
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_RTA_GATEWAY = 5
_MAIN_TABLE, _BY_BOOT, _UNIVERSE, _UNICAST = 254, 3, 0, 1


def add_bridge(name: str, mtu: int, hardware: bytes) -> None:
    """Make a bridge with a hardware address, and bring it up.

    Without one of its own it takes its ports' lowest, and has another when that port goes. What neighbours still send
    to the old one is then flooded to all ports, and what leads out would take it for the world's.
    """
    kind = _nested(_IFLA_LINKINFO, [_text(_INFO_KIND, "bridge")])
    own = _attribute(_IFLA_ADDRESS, hardware)
    _ask(_NEW_LINK, _CREATE, _link(up=True), [_text(_IFLA_IFNAME, name), kind, _number(_IFLA_MTU, mtu), own])


def add_pair(name: str, peer: str, namespace: int, master: int, mtu: int) -> None:
    """Make a virtual cable: `name` here, on the bridge `master`, and `peer` in the namespace of that descriptor."""
    there = _link() + b"".join(
        [_text(_IFLA_IFNAME, peer), _number(_IFLA_NET_NS_FD, namespace), _number(_IFLA_MTU, mtu)]
    )
    data = _nested(_INFO_DATA, [_attribute(_VETH_PEER | _NESTED, there)])
    kind = _nested(_IFLA_LINKINFO, [_text(_INFO_KIND, "veth"), data])
    here = [_text(_IFLA_IFNAME, name), kind, _number(_IFLA_MASTER, master), _number(_IFLA_MTU, mtu)]
    _ask(_NEW_LINK, _CREATE, _link(up=True), here)


def bring_up(name: str, master: int = 0) -> None:
    """Bring a link up, on the bridge `master` if one is named."""
    _ask(_NEW_LINK, 0, _link(socket.if_nametoindex(name), up=True), [_number(_IFLA_MASTER, master)] if master else [])


def add_address(name: str, address: IPv4Address, prefix: int) -> None:
    """Give a link an address."""
    body = struct.pack("=BBBBI", socket.AF_INET, prefix, 0, _UNIVERSE, socket.if_nametoindex(name))
    parts = [_attribute(_IFA_LOCAL, address.packed), _attribute(_IFA_ADDRESS, address.packed)]
    _ask(_NEW_ADDRESS, _CREATE, body, parts)


def add_default_route(gateway: IPv4Address) -> None:
    """Lead all that has no other way over `gateway`."""
    body = struct.pack("=BBBBBBBBI", socket.AF_INET, 0, 0, 0, _MAIN_TABLE, _BY_BOOT, _UNIVERSE, _UNICAST, 0)
    _ask(_NEW_ROUTE, _CREATE, body, [_attribute(_RTA_GATEWAY, gateway.packed)])


def _ask(kind: int, flags: int, body: bytes, attributes: Iterable[bytes]) -> None:
    """Send one request and wait for its answer; raises OSError when the kernel refuses."""
    payload = body + b"".join(attributes)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as kernel:
        kernel.send(struct.pack("=IHHII", 16 + len(payload), kind, _ACK | flags, 1, 0) + payload)
        answer = kernel.recv(4096)
    if struct.unpack_from("=H", answer, 4)[0] == _ERROR and (code := -struct.unpack_from("=i", answer, 16)[0]):
        raise OSError(code, os.strerror(code))


def _link(index: int = 0, *, up: bool = False) -> bytes:
    flag = _UP if up else 0
    return struct.pack("=BBHiII", socket.AF_UNSPEC, 0, 0, index, flag, flag)


def _attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def _text(kind: int, text: str) -> bytes:
    return _attribute(kind, text.encode() + b"\0")


def _number(kind: int, number: int) -> bytes:
    return _attribute(kind, struct.pack("=I", number))


def _nested(kind: int, parts: Iterable[bytes]) -> bytes:
    return _attribute(kind | _NESTED, b"".join(parts))
