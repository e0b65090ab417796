"""Look at the images that a team has the tools from instead of the pinned ones."""

import re
from collections.abc import Iterator

from pipeline.description import Description

from .finding import Finding

_OLDEST = (5, 4)  # before, `kustomize edit set image` knows no tag with a digest
_VERSION = re.compile(r":v?([0-9]+)\.([0-9]+)(?:\.[0-9]+)?(?:[-@]|$)")


def tools(description: Description) -> Iterator[Finding]:
    """Yield a kustomize that is too old, as far as its tag tells."""
    reference = description.tools.kustomize
    match = _VERSION.search(reference)
    if match and (int(match[1]), int(match[2])) < _OLDEST:
        cure = f"take {_OLDEST[0]}.{_OLDEST[1]} or later: an older one cannot pin a tag with its digest"
        yield Finding("tools", "pipeline.yaml", f"tools.kustomize is {reference}", cure)
