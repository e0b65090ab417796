"""Hold a release to what Git has: its tag, and its files as they were committed."""

import sys

import dagger

from pipeline.description import LEFT_OUT, Description
from pipeline.errors import InvalidInput
from pipeline.git import disagreements

_NOT_IN_SOURCE = [pattern for pattern in LEFT_OUT if ".git/" not in pattern]


async def check_committed(
    source: dagger.Directory, description: Description, tag: str, names: list[str], *, strict: bool
) -> None:
    """Tell where a release differs from Git.

    Args:
        source: the repository.
        description: what is in it.
        tag: the release.
        names: the services that are released; none means all of them.
        strict: do not go on then.

    Raises:
        InvalidInput: a line for everything that differs, if strict.
    """
    folders = [service.context for service in description.select(names)]
    lines = await disagreements(source, description.tools.git, tag, folders, _NOT_IN_SOURCE)
    if lines and strict:
        raise InvalidInput("\n".join(lines))
    for line in lines:
        sys.stderr.write(f"warning: {line}\n")
