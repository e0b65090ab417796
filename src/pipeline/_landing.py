"""Bring changes of overlays onto a branch that others write to as well."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import dagger

from ._commit import Author
from ._description import Description, Service
from ._diff import unified
from ._errors import GitFailed
from ._overlay import FILE, Pin, pinned
from ._remote import Remote
from ._working import Edit, edited, kustomizations, rendered

_ATTEMPTS = 5  # at what was looked at; commits of others to anything else do not count


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


@dataclass(frozen=True, slots=True)
class Draft:
    """Edits of a tip, made but not committed; the diffs of the files and of what they render to."""

    edits: Sequence[Edit]
    after: dagger.Directory
    diff: str = ""
    rendered_diff: str = ""


async def look(remote: Remote, manifests: str, *, depth: int = 1) -> Tip:
    """Clone the branch and read the overlays."""
    return await look_into(await remote.clone(depth=depth), manifests)


async def look_into(directory: dagger.Directory, manifests: str) -> Tip:
    """Read the overlays of a directory."""
    return Tip(directory, await kustomizations(directory, manifests))


def looked_at(description: Description, services: Sequence[Service], environments: Collection[str]) -> list[str]:
    """Return git's pathspecs of services' manifests, without the overlays of environments that do not matter."""
    others = [environment.name for environment in description.environments if environment.name not in environments]
    return [
        pathspec
        for service in services
        for pathspec in (
            description.manifests_of(service.name),
            *(f":(exclude){description.overlay(service.name, name)}" for name in others),
        )
    ]


async def draft(tools: dagger.Container, tip: Tip, edits: Sequence[Edit], *, render_before: bool) -> Draft:
    """Make the edits on a tip; none leaves it as it is.

    Args:
        tools: the container with kustomize.
        tip: the branch.
        edits: what its overlays are to pin.
        render_before: render the overlays before their edits too, for the diff of manifests.
    """
    if not edits:
        return Draft(edits, tip.clone)
    done = await edited(tools, tip.clone, edits)
    before = await rendered(tools, tip.clone, edits) if render_before else done.rendered
    old = {path: tip.files[path] for path in done.files}
    return Draft(edits, done.directory, unified(old, done.files), unified(before, done.rendered))


async def land(
    remote: Remote,
    author: Author,
    first: Tip,
    *,
    looked_at: Sequence[str],
    again: Callable[[], Awaitable[Tip]],
    prepare: Callable[[Tip], Awaitable[Draft]],
    message: Callable[[Tip, Draft], str],
) -> tuple[Draft, str]:
    """Commit and push, and start over on the new tip when others changed what this one was made from.

    Nothing is merged then: a rebase of the same line conflicts, the same edit on the new tip does not.

    Args:
        remote: the branch.
        author: who commits.
        first: the tip to begin with.
        looked_at: the pathspecs of what the edits were made from.
        again: look at the tip anew.
        prepare: make the edits on a tip; none means that there is nothing to do.
        message: write the commit's message.

    Returns:
        The edits that landed and the commit's id; no edits and no id if there was nothing to change.

    Raises:
        GitFailed: the remote refuses, or others were faster every time.
    """
    tip = first
    for _ in range(_ATTEMPTS):
        done = await prepare(tip)
        if not done.edits:
            return done, ""
        if commit := await remote.push(
            done.after, author, message(tip, done), [edit.file for edit in done.edits], looked_at
        ):
            return done, commit
        tip = await again()
    msg = f"{remote.url} ({remote.branch}): others changed the same overlays {_ATTEMPTS} times: run again"
    raise GitFailed(msg)
