"""A full disk is called one only when it is."""

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from dagger_local.disk import NoSpaceError, is_full, is_no_space, named
from dagger_local.process import Completed, ProgramError

_PIPE = "Error: writing blob: io: read/write on closed pipe"


@pytest.mark.parametrize(
    ("free", "said", "full"),
    [
        (1 << 20, "", True),
        (100 << 20, "", False),
        (100 << 20, _PIPE, True),
        (100 << 30, _PIPE, False),
    ],
)
def test_a_broken_pipe_is_a_full_disk_where_little_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, said: str, full: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))

    assert is_full(tmp_path, said) is full


def test_what_a_program_says_of_the_disk_is_believed() -> None:
    assert is_no_space(ProgramError(Completed(("skopeo",), 1, "", "write /x: no space left on device")))
    assert not is_no_space(ProgramError(Completed(("skopeo",), 1, "", _PIPE)))


def test_what_the_system_refuses_is_one_line_with_the_next_step() -> None:
    taken = named(FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), "/srv/a"))
    assert str(taken) == "/srv/a: File exists; put that right or choose another place, and run again"
    assert isinstance(named(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), NoSpaceError)
