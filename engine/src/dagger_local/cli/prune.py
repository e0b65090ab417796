"""`dagger-local prune`: free the engine's storage."""

import os
import shutil
from pathlib import Path

from dagger_local.cli import console
from dagger_local.cli.engine import in_use
from dagger_local.errors import EngineError
from dagger_local.state import CONTENTS


def prune(state: Path) -> int:
    """Remove all that the engine stored and say how much it was. Raises EngineError while it is in use."""
    if not state.exists():
        console.result("Nothing to free.\n")
        return 0
    with in_use(state, alone=True):
        # By name: the folder may hold what is not the engine's.
        stored = [place for name in CONTENTS if (place := state / name).exists()]
        freed = sum(map(size, stored))
        for place in stored:
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place, onerror=_unremovable)
            else:
                place.unlink()
    console.result(f"Freed {human(freed)}.\n")
    return 0


def size(directory: Path) -> int:
    """Return the bytes that a file or a tree takes on disk, hard links counted once."""
    if directory.is_symlink() or not directory.is_dir():
        return directory.lstat().st_blocks * 512
    seen: set[tuple[int, int]] = set()
    total = 0
    for folder, _, names in os.walk(directory):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            info = path.lstat()
            if (info.st_dev, info.st_ino) not in seen:
                seen.add((info.st_dev, info.st_ino))
                total += info.st_blocks * 512
    return total


def human(size_in_bytes: int) -> str:
    """Return a size as people say it: 1.4 GB."""
    size_left = float(size_in_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size_left < 1000:
            return f"{size_left:.0f} {unit}" if unit == "B" else f"{size_left:.1f} {unit}"
        size_left /= 1000
    return f"{size_left:.1f} TB"


def _unremovable(_: object, path: str, info: tuple[type[BaseException], BaseException, object]) -> None:
    raise EngineError(f"cannot remove {path}: {info[1]}; end other sessions and run prune again")
