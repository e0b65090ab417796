"""Control groups: a process's containers have theirs in one folder of its own, which can be found once it is gone."""

import contextlib
import re
import uuid
from pathlib import Path

OWN = uuid.uuid4().hex
"""The folder of this process's containers."""

_HIERARCHIES = Path("/sys/fs/cgroup")  # one folder each, or all in one: cgroups(7), versions 1 and 2
_FOLDER = "dagger-local"
_NAME = re.compile("[0-9a-f]{32}")


def new_group() -> str:
    """Return the path of a container's group."""
    return f"/{_FOLDER}/{OWN}/{uuid.uuid4().hex}"


def remove_groups(name: str) -> None:
    """Remove what the containers of a process left, which runs no more."""
    if not _NAME.fullmatch(name):
        return
    for above in (_HIERARCHIES, *_HIERARCHIES.glob("*/")):
        place = above / _FOLDER / name
        for folder in (*place.glob("*/"), place):
            with contextlib.suppress(OSError):  # it is not there, or somebody moved a process in
                folder.rmdir()
