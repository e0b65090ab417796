"""The labels of an image: what it is, and the commit it comes from."""

from pipeline.description import Description, Service
from pipeline.git import Revision

_PREFIX = "org.opencontainers.image."
VERSION = f"{_PREFIX}version"
REVISION = f"{_PREFIX}revision"
CREATED = f"{_PREFIX}created"


def labels(description: Description, service: Service, tag: str, revision: Revision | None) -> dict[str, str]:
    """Return the labels, named by the OCI image specification; without a history none is made up."""
    found = {
        f"{_PREFIX}title": f"{description.project}-{service.name}",
        VERSION: tag,
        f"{_PREFIX}source": description.repository,
    }
    if revision:
        found |= {REVISION: revision.commit, CREATED: revision.created}
    return found
