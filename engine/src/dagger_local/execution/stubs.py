"""Places made in a container to mount things on, which must leave no trace in its layers."""

import contextlib
import os
import stat
from pathlib import Path

from dagger_local.store.tree import Tree, is_opaque, lookup


class Stubs:
    """Remembers what was not there before. `remove` is for while the overlays are mounted, `tidy` for afterwards."""

    def __init__(self) -> None:
        self._made: list[Path] = []
        self._overlays: list[tuple[Path, Path, Tree]] = []

    def watch(self, mounted: Path, upper: Path, below: Tree) -> None:
        """Say that what is made below `mounted` is written to `upper`, over `below`."""
        self._overlays.append((mounted, upper, below))

    def make(self, place: Path, *, is_dir: bool) -> None:
        """Make a folder or an empty file, and the folders on the way to it."""
        missing = [place, *place.parents]
        missing = missing[: next(index for index, path in enumerate(missing) if os.path.lexists(path))]
        for path in reversed(missing):
            if is_dir or path != place:
                path.mkdir()
                path.chmod(0o755)
            else:
                path.touch(mode=0o644)
            self._made.append(path)

    def remove(self) -> None:
        """Remove what was made, unless the command put something there."""
        for path in reversed(self._made):
            with contextlib.suppress(OSError):
                if path.is_dir():
                    path.rmdir()
                elif path.stat().st_size == 0:
                    path.unlink()

    def tidy(self) -> None:
        """Take folders out of the layers that overlayfs copied there only because something was made in them."""
        for path in reversed(self._made):
            for mounted, upper, below in self._overlays:
                if path.is_relative_to(mounted):
                    for folder in path.relative_to(mounted).parents[:-1]:
                        _drop_if_same(upper / folder, below, str(folder))


def _drop_if_same(copy: Path, below: Tree, path: str) -> None:
    """Remove an empty folder of a layer that says nothing new about the folder it covers."""
    with contextlib.suppress(OSError):
        own, covered = copy.lstat(), lookup(below, path)
        if covered is None or not stat.S_ISDIR(own.st_mode) or is_opaque(copy):
            return
        old = covered.stat
        if (own.st_mode, own.st_uid, own.st_gid) == (old.st_mode, old.st_uid, old.st_gid):
            copy.rmdir()
