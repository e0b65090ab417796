"""Addresses of what is in a Git repository: `https://host/repository.git#ref:path`."""

import re
from dataclasses import dataclass

_REMOTE = re.compile(r"(?:https?|ssh|git)://|[\w-]+@[\w.-]+:", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class GitAddress:
    """A repository's URL, and what is meant in it; an empty `ref` is its head, an empty `path` its root."""

    url: str
    ref: str = ""
    path: str = ""


def git_address(text: str) -> GitAddress | None:
    """Return what a text stands for if it begins as the URL of a Git repository does; other texts are local paths."""
    if not _REMOTE.match(text):
        return None
    url, _, fragment = text.partition("#")
    ref, _, path = fragment.partition(":")
    return GitAddress(url, ref, path)
