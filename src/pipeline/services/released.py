"""Find out whether a release is in the registry already: a released tag is never overwritten."""

import re
from collections.abc import Mapping

from pipeline.errors import PushFailed
from pipeline.registry import Copier, RegistryFailed

from .labels import REVISION, VERSION

# Registries that say so of a repository that is not there yet, too: the push will tell.
_MAY_BE_NEW = re.compile(r"DENIED|\b403\b")
_UNKNOWN_USER = re.compile(r"UNAUTHORIZED|\b401\b|expired|authenticat", re.IGNORECASE)


async def released(copier: Copier, service: str, reference: str, labels: Mapping[str, str], platform: str) -> str:
    """Return the digest that a release has in the registry; empty if it is not there.

    Args:
        copier: the registry, and the right to use it.
        service: whose image it is, for messages.
        reference: where it is to go, with the release's tag.
        labels: what it is built with.
        platform: one that it is built for; empty is the engine's own.

    Raises:
        PushFailed: the tag is taken by what was built from another commit, or the registry lets nobody ask.
    """
    try:
        digest = (await copier.digests([reference])).get(reference, "")
    except RegistryFailed as error:
        if _MAY_BE_NEW.search(str(error)) and not _UNKNOWN_USER.search(str(error)):
            return ""
        msg = f"{service}: pushing {reference} would fail: {error}"
        raise PushFailed(msg) from None
    if not digest:
        return ""
    there = await copier.labels(f"{reference.rpartition(':')[0]}@{digest}", platform)
    if problem := difference(labels, there):
        msg = (
            f"{service}: {reference} is there already as {digest}, {problem}: "
            f"a released tag is never overwritten, release the next version"
        )
        raise PushFailed(msg)
    return digest


def difference(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """Say in what a released image differs from one that is to be built; empty if commit and version are the same."""
    if not ours.get(REVISION):
        return (
            f"built from {theirs.get(REVISION, 'an unknown commit')}, and there is no Git history here to compare with"
        )
    if theirs.get(REVISION) != ours[REVISION]:
        return f"built from {theirs.get(REVISION, 'an unknown commit')}, not from {ours[REVISION]}"
    if theirs.get(VERSION) != ours[VERSION]:
        return f"labelled as version {theirs.get(VERSION, 'nothing')}, not as {ours[VERSION]}"
    return ""
