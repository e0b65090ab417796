"""Run a bundle by chroot alone. A program of its own (standard library only): `python chroot.py BUNDLE PID_FILE`.

It makes mount and PID namespaces where it may, does the bundle's mounts, and becomes the container's command.
What it leaves out of the runtime specification: cgroups, masked paths, network namespaces.
"""

import ctypes
import errno
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

_CLONE_NEWNS = 0x00020000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000
_MS = {
    "ro": 1,
    "nosuid": 2,
    "nodev": 4,
    "noexec": 8,
    "bind": 4096,
    "rbind": 4096 | 16384,
    **dict.fromkeys(("rprivate", "rw", "strictatime"), 0),
}
_MS_REMOUNT_BIND = 32 | 4096
_MS_PRIVATE = (1 << 18) | 16384
_PR_SET_PDEATHSIG = 1
_MAX_LINKS = 40
_PR_CAPBSET_DROP = 24
_NEEDED = ("proc", "tmpfs", "devpts", "none", "bind")
_libc = ctypes.CDLL(None, use_errno=True)

# Numbers of linux/capability.h, in order.
CAPABILITIES = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
)  # fmt: skip


def main(bundle: Path, pid_file: Path) -> int:
    """Run the bundle and return its exit status as a shell would."""
    spec = json.loads((bundle / "config.json").read_text())
    networks = [one for one in spec["linux"]["namespaces"] if one["type"] == "network" and not one.get("path")]
    _check(_libc.unshare(_CLONE_NEWNS | _CLONE_NEWPID | (_CLONE_NEWNET if networks else 0)), "unshare")
    child = os.fork()
    if child == 0:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        try:
            _become(spec)
        except OSError as error:
            sys.stderr.write(f"ERROR (catatonit:1): failed to exec pid1: {error.strerror}\n")
            os._exit(1)
    pid_file.write_text(str(child))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _: os.kill(child, got))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else 128 - code


def _become(spec: dict[str, Any]) -> None:
    root = spec["root"]["path"]
    _check(_libc.mount(None, b"/", None, _MS_PRIVATE, None), "/")
    for mount in spec["mounts"]:
        if mount["type"] in _NEEDED:
            _mount(root, mount)
    _make_devices(root)
    os.chroot(root)
    command = spec["process"]
    user = command["user"]
    os.chdir(command["cwd"])
    kept = {name.removeprefix("CAP_") for name in command["capabilities"]["bounding"]}
    for number, name in enumerate(CAPABILITIES):
        if name not in kept:
            _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
    os.setgroups(user["additionalGids"])
    os.setgid(user["gid"])
    os.setuid(user["uid"])
    env = dict(item.split("=", 1) for item in command["env"])
    os.execvpe(command["args"][0], command["args"], env)  # noqa: S606


def _mount(root: str, mount: dict[str, Any]) -> None:
    options = mount["options"]
    binds = "bind" in options or "rbind" in options
    flags = 0
    for option in options:
        flags |= _MS.get(option, 0)
    data = ",".join(option for option in options if option not in _MS)
    target = inside(root, mount["destination"])
    source = mount["source"]
    if not Path(target).exists():
        if binds and not Path(source).is_dir():
            Path(target).touch()
        else:
            Path(target).mkdir(parents=True)
    kind = None if binds else mount["type"].encode()
    bind_flags = flags & ~1 if binds else flags
    _check(_libc.mount(source.encode(), target.encode(), kind, bind_flags, data.encode() or None), target)
    if binds and "ro" in options:
        _check(_libc.mount(None, target.encode(), None, _MS_REMOUNT_BIND | (flags & ~16384), None), target)


def inside(root: str, path: str) -> str:
    """Return where `path` leads below `root`, links followed inside of it only; what is missing is as it is named."""
    todo = path.split("/")[::-1]
    done: list[str] = []
    links = 0
    while todo:
        part = todo.pop()
        here = str(Path(root, *done, part))
        if part == "..":
            done = done[:-1]
        elif part not in ("", ".") and Path(here).is_symlink():
            links += 1
            if links > _MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            target = str(Path(here).readlink())
            done = [] if target.startswith("/") else done
            todo += target.split("/")[::-1]
        elif part not in ("", "."):
            done.append(part)
    return str(Path(root, *done))


def _make_devices(root: str) -> None:
    devices = inside(root, "/dev")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        place = Path(devices, name)
        place.touch()
        _check(_libc.mount(f"/dev/{name}".encode(), os.fsencode(place), None, 4096, None), str(place))
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
                         ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx")):  # fmt: skip
        Path(devices, name).symlink_to(target)


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
