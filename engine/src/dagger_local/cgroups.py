"""Control groups: a process's containers have theirs in one folder of its own, which can be found once it is gone.

It is below the process's own group, so that what limits the process limits its containers.
"""

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

OWN = f"dagger-local-{uuid.uuid4().hex}"
"""The folder of this process's containers."""

_HIERARCHIES = Path("/sys/fs/cgroup")


def new_group() -> str:
    """Return the path of a container's group, below wherever the runtime begins."""
    return f"{OWN}/{uuid.uuid4().hex}"


def own_groups() -> list[Path]:
    """Return where the runtime makes this process's folder, in each hierarchy.

    That is in the process's group; by version 2, in which a group with processes has no others, beside it (runc,
    libcontainer/cgroups/fs2/defaultpath.go).
    """
    try:
        return list(_own_groups(Path("/proc/self/cgroup").read_text()))
    except FileNotFoundError:  # a kernel without control groups
        return []


def _own_groups(said: str) -> Iterator[Path]:
    for line in said.splitlines():  # cgroups(7): a number, controllers or none by version 2, and a path
        _, controllers, path = line.split(":", 2)
        group = PurePosixPath(path)
        folder = controllers.removeprefix("name=") if controllers else "."
        yield _HIERARCHIES / folder / (group if controllers else group.parent).relative_to("/") / OWN


def remove(folders: list[Path]) -> bool:
    """Remove what the containers of a process left; tell whether nothing is left of it."""
    for folder in folders:
        if folder.parent.is_relative_to(_HIERARCHIES) and folder.name.startswith("dagger-local-"):
            for place in (*folder.glob("*/"), folder):
                with contextlib.suppress(OSError):  # it is not there, or a process has not quite ended
                    place.rmdir()
    return not any(folder.exists() for folder in folders)
