"""Edits of a branch's overlays, made on a clone but not committed."""

from collections.abc import Sequence
from dataclasses import dataclass

import dagger

from pipeline.description import Description
from pipeline.overlays import Edit, Pin, edited, rendered, unified

from .branch import Tip


@dataclass(frozen=True, slots=True)
class Draft:
    """Edits of a tip, made but not committed; the files' paths, and the diffs of them and of what they render to.

    The tip is `before` them. It may have files that the tip had not that was read: what overlays need.
    """

    edits: Sequence[Edit]
    before: dagger.Directory
    after: dagger.Directory
    files: Sequence[str] = ()
    diff: str = ""
    rendered_diff: str = ""


def edit_of(description: Description, service: str, environment: str, pin: Pin) -> Edit:
    """Return the edit that lets an environment run an image of a service."""
    return Edit(environment, service, description.image_of(service), description.overlay(service, environment), pin)


async def draft(tools: dagger.Container, tip: Tip, edits: Sequence[Edit], *, render_before: bool) -> Draft:
    """Make the edits on a tip; none leaves it as it is.

    Args:
        tools: the container with kustomize.
        tip: the branch.
        edits: what its overlays are to pin.
        render_before: render the overlays before their edits too, for the diff of manifests.
    """
    if not edits:
        return Draft(edits, tip.clone, tip.clone)
    done = await edited(tools, tip.clone, tip.files, edits)
    before = await rendered(tools, tip.clone, edits) if render_before else done.rendered
    old = {path: tip.files[path] for path in done.files}
    several = len({edit.environment for edit in edits}) > 1
    names = {edit.place: f"{edit.environment}/{edit.service}" if several else edit.service for edit in edits}
    manifests = [{names[place]: text for place, text in found.items()} for found in (before, done.rendered)]
    diffs = unified(old, done.files), unified(*manifests)
    return Draft(edits, tip.clone, done.directory, list(done.files), *diffs)
