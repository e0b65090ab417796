"""The branch as it is: a clone, and what its overlays pin."""

from collections.abc import Mapping
from dataclasses import dataclass

import dagger

from pipeline.description import Description
from pipeline.git import Remote
from pipeline.overlays import Edit, Pin, file_of, kustomizations, pinned


@dataclass(frozen=True, slots=True)
class Tip:
    """The branch as it is: a clone, and its overlays' kustomization files by path."""

    description: Description
    clone: dagger.Directory
    files: Mapping[str, str]

    def pin(self, service: str, environment: str) -> Pin | None:
        """Return what an environment's overlay pins for a service.

        Raises:
            InvalidOverlay: there is no such overlay, or it cannot be read.
        """
        return self._pinned(self.description.image_of(service), self.description.overlay(service, environment))

    def before(self, edit: Edit) -> Pin | None:
        """Return what an overlay pins that is to be edited."""
        return self._pinned(edit.image, edit.overlay)

    def _pinned(self, image: str, overlay: str) -> Pin | None:
        path = file_of(self.files, overlay)
        return pinned(image, self.files.get(path), path)


async def read_branch(remote: Remote, description: Description, *, depth: int = 1) -> Tip:
    """Clone of the branch what matters for the overlays, and read them."""
    return await read_directory(await remote.clone(description.manifest_folders, depth=depth), description)


async def read_directory(directory: dagger.Directory, description: Description) -> Tip:
    """Read the overlays of a directory."""
    return Tip(description, directory, await kustomizations(directory, description.all_manifests))
