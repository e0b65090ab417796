"""Give the engine a mount and a PID namespace of its own: when it ends, however it ends, nothing stays behind.

The kernel kills every process of a PID namespace when its first one dies, and undoes the mounts of a mount
namespace when its last process is gone (pid_namespaces(7), mount_namespaces(7)). So a SIGKILL leaves no
container, no mount and no process.
"""

import ctypes
import os
import pwd
import shutil
import signal
import sys
from functools import cache
from pathlib import Path

from dagger_local.errors import EngineError

_CLONE_NEWNS = 0x00020000
_CLONE_NEWPID = 0x20000000
_MS_REC = 0x4000
_MS_PRIVATE = 1 << 18
_PR_SET_PDEATHSIG = 1
_SI_KERNEL = 0x80
_FORWARDED = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
_IN_USER_NAMESPACE = "_DAGGER_LOCAL_USERNS"
_libc = ctypes.CDLL(None, use_errno=True)


@cache
def in_user_namespace() -> bool:
    """Whether this process is root of a user namespace only (user_namespaces(7))."""
    return Path("/proc/self/uid_map").read_text().split() != ["0", "0", "4294967295"]


def enter() -> None:
    """Go on in a child inside new namespaces; the caller's process waits for it and exits with its status.

    Without root, a user namespace with the user's subordinate ids comes first (newuidmap, from uidmap).
    Raises EngineError when the kernel refuses.
    """
    if os.geteuid() and _IN_USER_NAMESPACE not in os.environ:
        _become_root_of_a_user_namespace()
    if _libc.unshare(_CLONE_NEWNS | _CLONE_NEWPID):
        reason = os.strerror(ctypes.get_errno())
        raise EngineError(
            f"this machine gives no namespaces ({reason}); run as root, outside of a restricted container"
        )
    signal.pthread_sigmask(signal.SIG_BLOCK, {*_FORWARDED, signal.SIGCHLD})
    first = os.fork()
    if first:
        os._exit(_supervise(first))
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE)
    _mount(b"proc", b"/proc", b"proc", 0)
    engine = os.fork()
    if engine:
        # The first process of the namespace inherits every orphan in it and has to reap them.
        os._exit(_supervise(engine))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*_FORWARDED, signal.SIGCHLD})


def _become_root_of_a_user_namespace() -> None:
    if not shutil.which("newuidmap"):
        raise EngineError("newuidmap is missing, which running without root needs; on Debian: apt-get install uidmap")
    user = next((each.pw_name for each in pwd.getpwall() if each.pw_uid == os.geteuid()), str(os.geteuid()))
    for table in (Path("/etc/subuid"), Path("/etc/subgid")):
        lines = table.read_text().splitlines() if table.exists() else []
        if not any(line.partition(":")[0] in (user, str(os.geteuid())) for line in lines):
            how = f"usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}"
            raise EngineError(f"{user} has no line in {table}, which running without root needs; as root: {how}")
    os.environ[_IN_USER_NAMESPACE] = "1"
    os.environ["_CONTAINERS_USERNS_CONFIGURED"] = "done"
    words = ["unshare", "--user", "--map-root-user", "--map-auto", "--", sys.executable, *sys.orig_argv[1:]]
    os.execvp("unshare", words)  # noqa: S606


def _mount(source: bytes, target: bytes, kind: bytes | None, flags: int) -> None:
    if _libc.mount(source, target, kind, flags, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), os.fsdecode(target))


def _supervise(child: int) -> int:
    """Wait for `child`, passing signals on to it; return its exit status as a shell would."""
    while True:
        info = signal.sigwaitinfo({*_FORWARDED, signal.SIGCHLD})
        if info.si_signo != signal.SIGCHLD:
            # What the terminal sends reaches the whole process group, the child too.
            if info.si_code != _SI_KERNEL:
                os.kill(child, info.si_signo)
            continue
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 1
            if pid == 0:
                break
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
