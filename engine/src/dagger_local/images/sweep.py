"""Tidy up after sessions that were killed."""

import shutil
from pathlib import Path


def sweep(state: Path) -> None:
    """Remove what killed sessions left unfinished, when no other session lives. Blocks."""
    for folder in ("tmp", "stand-ins/fresh"):
        for entry in list((state / folder).iterdir()) if (state / folder).is_dir() else ():
            shutil.rmtree(entry, ignore_errors=True)
    for pattern in ("*/.partial-*", "blobs/sha256/.partial-*"):
        for partial in list((state / "oci").glob(pattern)):
            if partial.is_dir() and not partial.is_symlink():
                shutil.rmtree(partial)
            else:
                partial.unlink()
