"""The OCI runtime configuration of one container. Source: the OCI runtime specification 1.0.2, config.md."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dagger_local.execution.users import User

Bind = tuple[Path, str, bool]
"""Host path, path in the container, read-only."""

_CAPABILITIES = [
    "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
]  # fmt: skip
_MORE_CAPABILITIES = [
    "CAP_AUDIT_CONTROL", "CAP_AUDIT_READ", "CAP_BLOCK_SUSPEND", "CAP_DAC_READ_SEARCH", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
    "CAP_LEASE", "CAP_LINUX_IMMUTABLE", "CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE", "CAP_NET_ADMIN", "CAP_NET_BROADCAST",
    "CAP_SYSLOG", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_MODULE", "CAP_SYS_NICE", "CAP_SYS_PACCT", "CAP_SYS_PTRACE",
    "CAP_SYS_RAWIO", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_WAKE_ALARM",
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
    temps: Sequence[tuple[str, int | None]] = (),
    hostname: str | None = None,
    own_network: bool = False,
    privileged: bool = False,
) -> dict[str, Any]:
    """Return config.json: own mount, PID, IPC and UTS namespaces, the host's network unless `own_network`."""
    capabilities = _CAPABILITIES + (_MORE_CAPABILITIES if privileged else [])
    namespaces = [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]
    if own_network:
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
        "hostname": hostname or "dagger",
        "mounts": [*_system_mounts(), *map(_bind, binds), *(_temp(path, size) for path, size in temps)],
        "linux": {
            "namespaces": namespaces,
            "maskedPaths": [] if privileged else _MASKED,
            "readonlyPaths": [] if privileged else _READ_ONLY,
            "resources": {"devices": [{"allow": privileged, "access": "rwm"}, *_devices()]},
        },
    }


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
            "options": ["rbind", "nosuid", "noexec", "nodev", "ro"],
        },
    ]


def _bind(bind: Bind) -> dict[str, Any]:
    source, path, read_only = bind
    options = ["rbind", "rprivate", "ro" if read_only else "rw"]
    return {"destination": path, "type": "bind", "source": str(source), "options": options}


def _temp(path: str, size: int | None) -> dict[str, Any]:
    options = ["nosuid", "nodev", "mode=1777", *([f"size={size}"] if size else [])]
    return {"destination": path, "type": "tmpfs", "source": "tmpfs", "options": options}


def _devices() -> list[dict[str, Any]]:
    """Allow making and using the devices that every container has; all others are refused."""
    numbers = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2), (136, None)]
    rules = [{"allow": True, "type": "c", "access": "m"}, {"allow": True, "type": "b", "access": "m"}]
    for major, minor in numbers:
        rule: dict[str, Any] = {"allow": True, "type": "c", "major": major, "access": "rwm"}
        rules.append(rule if minor is None else {**rule, "minor": minor})
    return rules
