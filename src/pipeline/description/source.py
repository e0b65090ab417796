"""The part of the repository that the pipeline loads, and its description in there."""

import dagger

from pipeline.concurrency import both
from pipeline.errors import InvalidDescription

from .model import Description
from .reader import FILE, read

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
    files, dockerfiles = await both(source.glob(FILE), source.glob("**/Dockerfile"))
    if FILE not in files:
        msg = f"there is no {FILE} in the source: run this in the repository, or give --source"
        raise InvalidDescription(msg)
    text = await source.file(FILE).contents()
    return read(text, dockerfiles).at(registry)
