"""Remove everything that can be made or pulled again."""

import os
import shutil
from pathlib import Path

REMOVED = ("storage", "oci", "apt", "stand-ins", "references", "tmp")


def prune(state: Path) -> int:
    """Empty the image folders of `state`; return the bytes that were freed. Blocks."""
    freed = 0
    for name in REMOVED:
        # A link leads to what another state shares with this one.
        if (state / name).is_symlink():
            (state / name).unlink()
        freed += _size(state / name)
        _empty(state / name)
    return freed


def sweep(state: Path) -> None:
    """Remove what killed sessions left unfinished, when no other session lives; builds' cache mounts stay. Blocks."""
    for entry in list((state / "tmp").iterdir()) if (state / "tmp").is_dir() else ():
        if not entry.name.startswith("buildah-cache"):
            shutil.rmtree(entry, ignore_errors=True)
    for pattern in ("*/.partial-*", "blobs/sha256/.partial-*"):
        for partial in list((state / "oci").glob(pattern)):
            if partial.is_dir() and not partial.is_symlink():
                shutil.rmtree(partial)
            else:
                partial.unlink()


def _size(directory: Path) -> int:
    """Add up what a folder takes on the disk; a file with several names counts once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for folder, _, files in os.walk(directory):
        for file in files:
            status = Path(folder, file).lstat()
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                total += status.st_blocks * 512
    return total


def _empty(directory: Path) -> None:
    # The storage's driver mounts its folder on itself, so that the folder stays; what is in it goes.
    for entry in list(directory.iterdir()) if directory.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink():
            if os.path.ismount(entry):
                _empty(entry)
            else:
                shutil.rmtree(entry)
        else:
            entry.unlink()
