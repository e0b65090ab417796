"""Generate what follows from pipeline.yaml, as what changes in the repository."""

from collections.abc import Mapping

import dagger
from dagger import dag

from pipeline.description import Description
from pipeline.overlays import contents

from .argocd import argocd
from .overlays import overlays
from .workflows import FOLDER, workflows


async def generate(source: dagger.Directory, description: Description) -> dagger.Changeset:
    """Return the repository's changes: what is missing, and marked places that say something else.

    Raises:
        InvalidPlace: a marked place has a name that is none.
        InvalidOverlay: an overlay that is the pattern for another has no such `images:` entry.
    """
    include = [f"{folder}/**" for folder in (FOLDER, f"{description.manifests}/argocd", *description.all_manifests)]
    files = await contents(dag.directory().with_directory("/", source, include=include))
    after = source
    for path, text in sorted(generated(description, files).items()):
        if files.get(path) != text:
            after = after.with_new_file(path, text)
    return after.changes(source)


def generated(description: Description, files: Mapping[str, str]) -> dict[str, str]:
    """Return the files that follow from a description, by path.

    Args:
        description: what there is to be.
        files: what there is, of workflows and manifests.
    """
    missing = overlays(description, files)
    return missing | argocd(description, {**files, **missing}) | workflows(description, files)
