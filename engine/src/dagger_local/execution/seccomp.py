"""The system calls that a container is kept from: those that Docker's default profile refuses on Linux 4.8 or newer.

All of them reach past the container, or need a capability that it is not given; a privileged one has no filter.
Source: "Seccomp security profiles for Docker", docs.docker.com/engine/security/seccomp.
"""

import platform
from functools import cache
from typing import Any

_ARCHITECTURES = {
    "x86_64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    "aarch64": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
}
_REFUSED = """
_sysctl acct add_key bpf clock_adjtime clock_adjtime64 clock_settime clock_settime64 create_module delete_module
finit_module fsconfig fsmount fsopen fspick get_kernel_syms get_mempolicy init_module io_uring_enter io_uring_register
io_uring_setup ioperm iopl kexec_file_load kexec_load keyctl lookup_dcookie mbind migrate_pages mount mount_setattr
move_mount move_pages nfsservctl open_by_handle_at open_tree perf_event_open pivot_root query_module quotactl
quotactl_fd reboot request_key set_mempolicy set_mempolicy_home_node setdomainname sethostname setns settimeofday stime
swapoff swapon sysfs syslog umount umount2 unshare uselib userfaultfd ustat vhangup vm86 vm86old
"""
_NEW_NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET of clone(2)."""
_EPERM, _ENOSYS = 1, 38


@cache
def filter_for_containers() -> dict[str, Any] | None:
    """Return `linux.seccomp` of a container's configuration; None on an architecture that nobody tried."""
    architectures = _ARCHITECTURES.get(platform.machine())
    if architectures is None:
        return None
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": architectures,
        "syscalls": [
            _refused(_REFUSED.split()),
            # The flags of clone3 are in memory, where no filter can look: programs take clone instead.
            _refused(["clone3"], _ENOSYS),
            *(_refused(["clone"], when=flag) for flag in _NEW_NAMESPACES),
        ],
    }


def _refused(names: list[str], error: int = _EPERM, when: int | None = None) -> dict[str, Any]:
    """Return a rule: calls of these names fail with `error`, or only those whose first argument has the bit `when`."""
    rule: dict[str, Any] = {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": error}
    if when is None:
        return rule
    return {**rule, "args": [{"index": 0, "value": when, "valueTwo": when, "op": "SCMP_CMP_MASKED_EQ"}]}
