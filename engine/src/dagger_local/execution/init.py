"""The first process of a container: it hands on signals and reaps orphans, which a plain command does not do.

It is catatonit, a static program that fits every image. Where PID 1 is the command itself, the kernel drops signals
that it has no handler for (pid_namespaces(7)): `kill -TERM $$` would do nothing.
"""

import re
import shutil
from functools import cache
from pathlib import Path

from dagger_local.errors import EngineError

INIT = "/.init"
"""Where it lies in a container, as in those of Dagger's engine."""
_PLACES = ("/usr/libexec/catatonit/catatonit", "/usr/libexec/podman/catatonit", "/usr/lib/podman/catatonit")
_FAILED = re.compile(r"^ERROR \(catatonit:\d+\): failed to exec pid1: (.+)\n", re.MULTILINE)
_RUNC_FAILED = re.compile(r": exec: \\?\"(?:.*?)\\?\": (?:stat [^:]*: )?(.+?)\"?$", re.MULTILINE)


@cache
def find_init() -> Path:
    """Return where the program lies on this machine; raises EngineError when it is not installed."""
    found = shutil.which("catatonit") or next((place for place in _PLACES if Path(place).is_file()), None)
    if found is None:
        raise EngineError("catatonit is not installed; install it (on Debian: apt-get install catatonit) and run again")
    return Path(found)


def why_not_started(program: str, stderr: str) -> str | None:
    """Return why `program` could not be started, in the words of Dagger's engine; None when it ran."""
    found = _FAILED.search(stderr)
    if found is None and "level=error" in stderr and ("exec failed" in stderr or "unable to start" in stderr):
        found = _RUNC_FAILED.search(stderr)
    if found is None:
        return None
    if "/" not in program:
        return f'exec: "{program}": executable file not found in $PATH'
    return f"fork/exec {program}: {found[1].lower()}"
