"""A full disk, said in one line wherever it is met."""

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.process import ProgramError

_NOTHING = 8 << 20


@contextlib.contextmanager
def full_disk_named(state: Path) -> Iterator[None]:
    """Turn any failure for want of space into one line that says where and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise no_space(state) from None
        raise
    except ProgramError as error:
        if is_no_space(error):
            raise no_space(state) from None
        raise


def is_no_space(error: ProgramError) -> bool:
    """Tell whether a program failed because the disk is full."""
    return "no space left on device" in (error.completed.stderr + error.completed.stdout).lower()


def is_full(state: Path) -> bool:
    """Tell whether next to nothing is left: programs do not always say that this is why they failed."""
    return shutil.disk_usage(state).free < _NOTHING


def no_space(state: Path) -> EngineError:
    """Make the error for a full disk."""
    return EngineError(f"no space left in {state}; run `dagger-local prune` or set DAGGER_LOCAL_STATE")
