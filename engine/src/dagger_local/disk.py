"""A full disk, said in one line wherever it is met."""

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.process import ProgramError
from dagger_local.state import default_state

_FULL = (errno.ENOSPC, errno.EDQUOT)
_NOTHING = 8 << 20
_LITTLE = 1 << 30
_BROKEN_OFF = "io: read/write on closed pipe"
"""All that skopeo says when the disk fills up while it stores a layer, whose beginning it removes again."""


class NoSpaceError(EngineError):
    """The disk that holds the engine's state is full."""

    def __init__(self, state: Path) -> None:
        super().__init__(f"no space left in {state}; run `dagger-local prune` or set DAGGER_LOCAL_STATE")


def named(error: OSError) -> EngineError:
    """Say in one line what the system refused, where, and what to do."""
    if error.errno in _FULL:
        return NoSpaceError(Path(str(error.filename)) if error.filename else default_state())
    where = f"{error.filename}: " if error.filename else ""
    return EngineError(f"{where}{error.strerror or error}; put that right or choose another place, and run again")


@contextlib.contextmanager
def full_disk_named(state: Path) -> Iterator[None]:
    """Turn any failure for want of space into one line that says where and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpaceError(state) from None
        raise
    except ProgramError as error:
        if is_no_space(error):
            raise NoSpaceError(state) from None
        raise


def is_no_space(error: EngineError) -> bool:
    """Tell whether something failed because the disk is full."""
    if not isinstance(error, ProgramError):
        return isinstance(error, NoSpaceError)
    said = (error.completed.stderr + error.completed.stdout).lower()
    return "no space left on device" in said or "enough free space" in said  # the latter is apt's


def is_full(state: Path, said: str = "") -> bool:
    """Tell whether next to nothing is left: programs do not always say (in `said`) that this is why they failed."""
    return shutil.disk_usage(state).free < (_LITTLE if _BROKEN_OFF in said else _NOTHING)
