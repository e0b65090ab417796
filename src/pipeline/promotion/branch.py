"""The branch as it is: a clone, and what its overlays pin."""

from collections.abc import Mapping
from dataclasses import dataclass

import dagger

from pipeline.git import Remote
from pipeline.overlays import FILE, Pin, kustomizations, pinned


@dataclass(frozen=True, slots=True)
class Tip:
    """The branch as it is: a clone, and its overlays' kustomization.yaml by path."""

    clone: dagger.Directory
    files: Mapping[str, str]

    def pin(self, service: str, overlay: str) -> Pin | None:
        """Return what an overlay pins for its service.

        Raises:
            InvalidOverlay: there is no such overlay, or it cannot be read.
        """
        path = f"{overlay}/{FILE}"
        return pinned(service, self.files.get(path), path)


async def read_branch(remote: Remote, manifests: str, *, depth: int = 1) -> Tip:
    """Clone the branch and read the overlays."""
    return await read_directory(await remote.clone(depth=depth), manifests)


async def read_directory(directory: dagger.Directory, manifests: str) -> Tip:
    """Read the overlays of a directory."""
    return Tip(directory, await kustomizations(directory, manifests))
