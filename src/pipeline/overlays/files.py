"""Read the files of a directory, such as all overlays' kustomization files, in one query."""

import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

import anyio.to_thread
import dagger
from dagger import dag

from .kustomization import FILES


async def kustomizations(directory: dagger.Directory, manifests: Iterable[str]) -> dict[str, str]:
    """Return the contents of all overlays' kustomization files, by path.

    Args:
        directory: the repository.
        manifests: the paths of the services' manifests, each of which holds a folder `overlays`.
    """
    include = [f"{folder}/overlays/*/{name}" for folder in manifests for name in FILES]
    return await contents(dag.directory().with_directory("/", directory, include=include))


async def contents(directory: dagger.Directory) -> dict[str, str]:
    """Return the contents of all files of a directory, by path."""
    # One export instead of a query a file; to a name of its own, for calls may share a working directory.
    place = Path(await directory.export(f"export-{uuid.uuid4().hex}"))
    return await anyio.to_thread.run_sync(_read_and_remove, place)


def _read_and_remove(place: Path) -> dict[str, str]:
    try:
        # A link of the repository would be followed here, out of it.
        files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
        # Not as texts: their line ends are to stay as they are.
        return {path.relative_to(place).as_posix(): path.read_bytes().decode("utf-8", "replace") for path in files}
    finally:
        shutil.rmtree(place)
