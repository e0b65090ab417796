"""The part of the repository that the pipeline loads, and its description in there."""

import dagger
from dagger import dag

from pipeline.errors import InvalidDescription

from .model import Description
from .reader import FILE, dockerfiles_of, read

# What no repository's pipeline needs, and could be large or secret. Services and manifests may be anywhere else.
# Of .git there is what tells the commit; its config can hold a token.
LEFT_OUT = [
    ".git/*",
    "!.git/HEAD",
    "!.git/packed-refs",
    "!.git/refs",
    "!.git/objects",
    "!.git/shallow",
    ".env",
    "sdk/src/dagger",  # what Dagger's engine vendors; the rest of such a folder is the repository's own
    "**/node_modules",
    "**/.venv",
    "**/venv",
    "**/__pycache__",
    "**/.*_cache",
    "**/.terraform",
    "**/*.tfstate*",
]


async def describe(source: dagger.Directory, registry: str = "") -> Description:
    """Read the description of a repository; a registry's address given here wins over the file's.

    Raises:
        InvalidDescription: the file is missing or wrong.
        InvalidInput: the registry's address is none.
    """
    try:
        text = await source.file(FILE).contents()
    except dagger.QueryError:
        if await source.glob(FILE):
            raise
        msg = f"there is no {FILE} in the source: run this in the repository, or give --source"
        raise InvalidDescription(msg) from None
    dockerfiles = dag.directory().with_directory("", source, include=dockerfiles_of(text))
    return read(text, await dockerfiles.glob("**/*")).at(registry)
