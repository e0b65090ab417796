"""Tidy up after sessions that were killed."""

import shutil
from pathlib import Path


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
