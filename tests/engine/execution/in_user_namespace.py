"""Run a command as root of a user namespace, as one who is not root does: `python in_user_namespace.py COMMAND...`.

Its 65536 ids are the machine's own, so that files need no other owner; for that, this has to be root itself.
"""

import ctypes
import os
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000


def main(words: list[str]) -> int:
    made, mapped = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        if ctypes.CDLL(None).unshare(_CLONE_NEWUSER):
            os._exit(1)
        os.write(made[1], b".")
        os.read(mapped[0], 1)
        os.setgid(0)
        os.setuid(0)
        os.execvp(words[0], words)  # noqa: S606 - the test's own words
    os.read(made[0], 1)
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{child}/{name}").write_text("0 0 65536\n")
    os.write(mapped[1], b".")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
