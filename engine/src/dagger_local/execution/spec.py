"""The OCI runtime configuration of one container. Source: the OCI runtime specification 1.0.2, config.md."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from dagger_local import cgroups
from dagger_local.execution.chroot import CAPABILITIES
from dagger_local.execution.seccomp import filter_for_containers
from dagger_local.execution.users import User
from dagger_local.namespace import in_user_namespace

HOSTNAME = "dagger"
Bind = tuple[Path, str, bool]
"""Host path, path in the container, read-only."""

_CAPABILITIES = [
    "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
]  # fmt: skip
_MASKED = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/sched_debug"]
_READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]


def runtime_spec(
    *,
    root: Path,
    args: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    user: User,
    binds: Sequence[Bind],
    network: Path | None = None,
    no_network: bool = False,
    privileged: bool = False,
) -> dict[str, Any]:
    """Return config.json: own mount, PID, IPC and UTS namespaces, `network` or the host's.

    With `no_network` the container has a network of its own that leads nowhere.
    """
    held = _held()
    capabilities = held if privileged else [name for name in _CAPABILITIES if name in held]
    refused = None if privileged else filter_for_containers()
    namespaces = [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]
    if network:
        namespaces.append({"type": "network", "path": str(network)})
    elif no_network:
        namespaces.append({"type": "network"})
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": {"uid": user.uid, "gid": user.gid, "additionalGids": list(user.groups)},
            "args": list(args),
            "env": [f"{name}={value}" for name, value in env.items()],
            "cwd": cwd or "/",
            "capabilities": dict.fromkeys(("bounding", "effective", "permitted"), capabilities),
            "noNewPrivileges": False,
        },
        "root": {"path": str(root), "readonly": False},
        "hostname": HOSTNAME,
        "mounts": [*_system_mounts(), *map(_bind, binds)],
        "linux": {
            "namespaces": namespaces,
            # Without rights to the machine's groups, runc looks for some that it may use, or goes without.
            **({} if in_user_namespace() else {"cgroupsPath": cgroups.new_group()}),
            "maskedPaths": [] if privileged else _MASKED,
            "readonlyPaths": [] if privileged else _READ_ONLY,
            "resources": {"devices": [{"allow": privileged, "access": "rwm"}, *_devices()]},
            **({"seccomp": refused} if refused else {}),
        },
    }


@cache
def _held() -> list[str]:
    """Return the capabilities of this process: none can be given that it does not have (capabilities(7))."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapBnd:"))
    bits = int(line.split()[1], 16)
    return [f"CAP_{name}" for number, name in enumerate(CAPABILITIES) if bits >> number & 1]


SYSTEM_PATHS = ("proc", "dev", "sys")
"""Folders that the runtime mounts something on, and so needs in every root filesystem."""


def _system_mounts() -> list[dict[str, Any]]:
    return [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
        {
            "destination": "/dev",
            "type": "tmpfs",
            "source": "tmpfs",
            "options": ["nosuid", "strictatime", "mode=755", "size=65536k"],
        },
        {
            "destination": "/dev/pts",
            "type": "devpts",
            "source": "devpts",
            "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
        },
        {
            "destination": "/dev/shm",  # noqa: S108
            "type": "tmpfs",
            "source": "shm",
            "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
        },
        {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
        {
            "destination": "/sys",
            "type": "none",
            "source": "/sys",
            "options": [_how_to_bind_sys(), "nosuid", "noexec", "nodev", "ro"],
        },
    ]


def _how_to_bind_sys() -> str:
    """Leave out what is mounted below /sys: read-only would not cover it, and the control groups are there.

    In a user namespace the kernel gives mounts only with all that is below them; there, writing needs real root.
    """
    return "rbind" if in_user_namespace() else "bind"


def _bind(bind: Bind) -> dict[str, Any]:
    source, path, read_only = bind
    options = ["rbind", "rprivate", "ro" if read_only else "rw"]
    return {"destination": path, "type": "bind", "source": str(source), "options": options}


def _devices() -> list[dict[str, Any]]:
    """Allow making and using the devices that every container has; all others are refused."""
    numbers = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2), (136, None)]
    rules = [{"allow": True, "type": "c", "access": "m"}, {"allow": True, "type": "b", "access": "m"}]
    for major, minor in numbers:
        rule: dict[str, Any] = {"allow": True, "type": "c", "major": major, "access": "rwm"}
        rules.append(rule if minor is None else {**rule, "minor": minor})
    return rules
