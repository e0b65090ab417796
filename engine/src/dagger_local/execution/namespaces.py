"""Network namespaces: made and entered by the calling thread alone (unshare(2), setns(2))."""

import ctypes
import fcntl
import os
import socket
import struct

from dagger_local.errors import EngineError

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914  # netdevice(7)
_IFF_UP = 1
_libc = ctypes.CDLL(None, use_errno=True)


def new_namespace() -> int:
    """Move this thread into a new namespace, bring its loopback device up, return it as a descriptor.

    Raises EngineError when the kernel refuses.
    """
    if _libc.unshare(_CLONE_NEWNET):
        reason = os.strerror(ctypes.get_errno())
        instead = "set DAGGER_LOCAL_NETWORK=host to let containers use this machine's network"
        raise EngineError(f"this machine gives no network namespace ({reason}); {instead}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", _IFF_UP))
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def enter(namespace: int) -> None:
    """Move this thread into the namespace of a descriptor."""
    if _libc.setns(namespace, _CLONE_NEWNET):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
