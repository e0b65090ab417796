"""What starts a container from a bundle: runc, or a plain chroot where runc does not work."""

import ctypes
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Protocol

from dagger_local import process
from dagger_local.errors import EngineError
from dagger_local.execution import chroot
from dagger_local.execution.spec import runtime_spec
from dagger_local.execution.users import User

_MS_BIND = 4096
_MS_REC = 16384
_MNT_DETACH = 2
_SPEC = 2  # of what is asked of it, which it may not do: changes with that
_libc = ctypes.CDLL(None, use_errno=True)


class Runtime(Protocol):
    """Runs bundles of the OCI runtime specification in the foreground."""

    @property
    def own_network(self) -> bool:
        """Whether a container can have a network namespace of its own."""

    def argv(self, bundle: Path, name: str, pid_file: Path) -> list[str]:
        """Return the command that runs the bundle to its end and exits with its status."""

    async def remove(self, name: str) -> None:
        """Kill and remove the container if it is still there."""


class Runc:
    """runc, called directly: its state under `run`, which is the session's own."""

    own_network = True

    def __init__(self, run: Path) -> None:
        self._root = run / "runc"

    def argv(self, bundle: Path, name: str, pid_file: Path) -> list[str]:
        return [
            *("runc", "--root", str(self._root)),
            *("run", "--bundle", str(bundle), "--pid-file", str(pid_file), name),
        ]

    async def remove(self, name: str) -> None:
        await process.run(["runc", "--root", self._root, "delete", "--force", name], check=False)


class Chroot:
    """A chroot with its own mounts; needs no cgroups."""

    own_network = False

    def argv(self, bundle: Path, name: str, pid_file: Path) -> list[str]:  # noqa: ARG002
        return [sys.executable, "-IS", chroot.__file__, str(bundle), str(pid_file)]

    async def remove(self, name: str) -> None:
        """Do nothing: the container's first process dies with the command that started it."""


async def find_runtime(run: Path, remembered: Path, *, wanted: str = "") -> Runtime:
    """Return runc where it can run a container here, else chroot; `wanted` (runc or chroot) forces one.

    Trying costs some 50 ms, so `remembered` keeps the answer for this boot of this machine.
    """
    if wanted not in ("", "runc", "chroot"):
        raise EngineError(f"DAGGER_LOCAL_RUNTIME={wanted} is not known; set it to runc or chroot")
    runc = Runc(run)
    program = shutil.which("runc")
    if wanted == "runc":
        return runc
    if wanted == "chroot" or not program:
        return Chroot()
    facts = (
        f"{_SPEC} {program} {Path(program).stat().st_mtime_ns} {Path('/proc/sys/kernel/random/boot_id').read_text()}"
    )
    known = remembered.read_text() if remembered.exists() else ""
    if known not in (f"{facts}works", f"{facts}fails"):
        known = f"{facts}{'works' if await _works(runc, run / 'probe') else 'fails'}"
        remembered.write_text(known)
    return runc if known.endswith("works") else Chroot()


async def _works(runtime: Runc, probe: Path) -> bool:
    """Run `true` of the host in a container whose root is the host's, read-only."""
    root = probe / "root"
    root.mkdir(parents=True)
    if _libc.mount(b"/", os.fsencode(root), None, _MS_BIND | _MS_REC, None):
        return False
    try:
        env = {"PATH": "/usr/bin:/bin"}
        spec = runtime_spec(root=root, args=["true"], env=env, cwd="/", user=User(0, 0), binds=[])
        spec["root"]["readonly"] = True
        (probe / "config.json").write_text(json.dumps(spec))
        done = await process.run(runtime.argv(probe, "probe", probe / "pid"), check=False)
        return done.exit_code == 0
    finally:
        _libc.umount2(os.fsencode(root), _MNT_DETACH)
