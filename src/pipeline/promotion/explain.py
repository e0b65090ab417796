"""Say what is approved: the commits and the packages between what runs and what comes, of each service."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from pipeline.concurrency import both, side_by_side
from pipeline.description import Description
from pipeline.git import Commits, Span, commits_between
from pipeline.materials import Difference, difference, read, without_sbom
from pipeline.referrers import Tree
from pipeline.services import REVISION

from .branch import Tip
from .outcome import Outcome, Row
from .workspace import Workspace

Place: TypeAlias = tuple[str, str]  # an environment and a service

_REVISION = re.compile("[0-9a-f]{40}(?:[0-9a-f]{24})?")


async def explain(
    workspace: Workspace, tip: Tip, outcome: Outcome, attached: Mapping[str, Tree] = MappingProxyType({})
) -> Outcome:
    """Add the commits, and what changes of packages and base images, of every service that changes.

    They are found by the images' revision labels, and by what is attached to the images. What cannot be found out is
    said instead, and stops nothing.

    Args:
        workspace: what to work with.
        tip: the branch with all its commits.
        outcome: what is, or was, to change.
        attached: what refers to images, by their references by digest, as far as it was asked for.
    """
    rows = {(row.environment, row.service): row for row in outcome.rows if row.running != row.image}
    images = {place: _images(workspace.description, row) for place, row in rows.items()}
    commits, packages = await both(_commits(workspace, tip, rows, images), _packages(workspace, rows, images, attached))
    return replace(outcome, commits=commits, packages=packages)


async def _commits(
    workspace: Workspace, tip: Tip, rows: Mapping[Place, Row], images: Mapping[Place, tuple[str, str]]
) -> dict[Place, Commits]:
    description = workspace.description
    known = await _revisions(workspace, description, images)
    found: dict[Place, Commits] = {}
    spans: dict[Place, Span] = {}
    for place, row in rows.items():
        old, new = (known.get((row.service, image), "") for image in images[place])
        if problem := _problem(row, old, new):
            found[place] = Commits(problem=problem)
        else:
            spans[place] = Span(old, new, paths(description, row.service))
    if spans:
        found |= dict(zip(spans, await commits_between(workspace.remote, tip.clone, list(spans.values())), strict=True))
    return found


async def _packages(
    workspace: Workspace,
    rows: Mapping[Place, Row],
    images: Mapping[Place, tuple[str, str]],
    attached: Mapping[str, Tree],
) -> dict[Place, Difference]:
    """Return how the images differ in packages, if anything is attached to what comes, and anything ran before."""
    nothing = {image for image, tree in attached.items() if tree.is_empty and not tree.problem}
    pairs = {place: pair for place, pair in images.items() if pair[0]}
    wanted = dict.fromkeys(image for pair in pairs.values() if pair[1] not in nothing for image in pair)
    found = await read(workspace.copier, wanted, known=attached)

    def compared(row: Row, old: str, new: str) -> Difference:
        if new in nothing:
            return Difference(problem=without_sbom(row.tag))
        return difference(found[old], found[new], (row.previous or row.running, row.tag))

    return {place: compared(rows[place], *pair) for place, pair in pairs.items()}


def _images(description: Description, row: Row) -> tuple[str, str]:
    """Return what runs, which may be pinned in a repository of before, and what comes; empty if nothing runs."""
    source = f"{row.source.rpartition(':')[0]}@{row.digest}"
    name, _, digest = row.running.partition("@")
    repository = description.repository_of(row.service, row.environment)
    running = f"{repository}@{digest}" if digest else f"{repository}:{name.rpartition(':')[2]}"
    return running if row.running else "", source


async def _revisions(
    workspace: Workspace, description: Description, images: Mapping[Place, tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Return the revision of each image that says one, by service and image."""
    wanted = list(dict.fromkeys((service, image) for (_, service), pair in images.items() for image in pair if image))

    async def ask(one: tuple[str, str]) -> str:
        service, image = one
        platform = next(iter(description.service(service).platforms), "")
        return (await workspace.copier.labels(image, platform)).get(REVISION, "")

    return dict(zip(wanted, await side_by_side(ask, wanted), strict=True))


def _problem(row: Row, old: str, new: str) -> str:
    """Say why the commits are not known; empty if they can be."""
    if not row.running:
        return "nothing ran before"
    for image, revision in ((row.previous or row.running, old), (row.tag, new)):
        if not _REVISION.fullmatch(revision):
            return f"the image of {image} does not say its commit"
    return ""


def paths(description: Description, service: str) -> list[str]:
    """Return the pathspecs of what an image is built from: of the whole repository, without manifests."""
    context = description.service(service).context
    manifests = [f":(exclude,top,literal){folder}" for folder in description.all_manifests]
    return [f":(top,literal){'' if context == '.' else context}", *manifests]
