"""Copy what refers to images after them, by digest, and see that each is listed in the target."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio

from pipeline.concurrency import side_by_side
from pipeline.registry import Copier
from pipeline.tools import COPY_REFERRER, TAG_REFERRERS, Finished, counted, for_each, once, patient, run, shown

from .listing import listing
from .model import Referrer, Tree

_AT_ONCE = 16
_ATTEMPTS = 5  # at an index of referrers that others write as well
_SECONDS = 60
_COPY_SECONDS = 1800
_STILL_SECONDS = 60  # a registry may think that long about what it got; one that hangs does so for ever
_PATIENCE = 60  # seconds that a registry may ask for in all
_INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True, slots=True)
class Carriage:
    """What is to be carried: an image's tree, from a repository to another one, and what that has of it already.

    `lost` is what did not get there, and `why`.
    """

    source: str
    target: str
    tree: Tree
    there: Tree | None = None
    lost: Sequence[Referrer] = field(default_factory=list)
    why: str = ""

    @property
    def missing(self) -> list[Referrer]:
        """What the target lacks."""
        return self.tree.without(self.there)

    @property
    def image(self) -> str:
        """The image in the target."""
        return f"{self.target}@{self.tree.digest}"


@shown(lambda _, carriages: f"copy what refers to {counted(carriages, 'image')}")
async def carry(copier: Copier, carriages: Sequence[Carriage]) -> list[Carriage]:
    """Copy what is missing, and return what came of it; what is there is not touched.

    Nothing is raised: the images are copied, and who needs what refers to them has to be told what is lost.
    """
    waiting = [one for one in carriages if one.missing]
    if not waiting:
        return list(carriages)
    limit = anyio.CapacityLimiter(_AT_ONCE)

    async def copy(one: Carriage) -> Finished:
        source, target = copier.as_seen(one.source), copier.as_seen(one.target)
        words = "\n".join(f"{source}@{each.digest} {target}@{each.digest}" for each in one.missing)
        # One after another: without a referrers API, oras reads, changes and writes one index for all of them.
        command = for_each(patient(_PATIENCE, COPY_REFERRER, str(_STILL_SECONDS)), takes=2, at_once=1)
        async with limit:
            return await run(once(copier.container), command, seconds=_COPY_SECONDS, stdin=words)

    done = await side_by_side(copy, waiting)
    there = await _listed(copier, waiting)
    result = {id(one): await _ended(copier, one, there[one.image], how) for one, how in zip(waiting, done, strict=True)}
    return [result.get(id(one), one) for one in carriages]


async def _listed(copier: Copier, carriages: Sequence[Carriage]) -> dict[str, Tree]:
    """Return what refers to the images in the target, where all of it is to be listed.

    Of a registry without a referrers API it may be there and not listed: of two who write its index at once, one loses,
    and whoever is killed may not have got to it.
    """
    trees = await listing(copier, [one.image for one in carriages])
    for _ in range(_ATTEMPTS):
        wrong = [(one, there) for one in carriages if one.tree.without(there := trees[one.image]) and not there.problem]
        if not any(await side_by_side(lambda pair: _list(copier, *pair), wrong)):
            break
        trees |= await listing(copier, [one.image for one, _ in wrong])
    return trees


async def _list(copier: Copier, one: Carriage, there: Tree) -> bool:
    """Write the indexes that stand in for a referrers API, as they are to be; tell whether any could be."""
    written = False
    for subject, entries in indexes(one.tree, there).items():
        command = [TAG_REFERRERS, copier.as_seen(one.target), subject]
        done = await run(once(copier.container), command, seconds=_SECONDS, stdin=json.dumps(entries))
        written |= done.succeeded
    return written


def indexes(tree: Tree, there: Tree) -> dict[str, dict[str, Any]]:
    """Return the indexes, by what they are about, that lack something of a tree: with it, and with what they have."""
    lacking: dict[str, list[Referrer]] = {}
    for one in tree.without(there):
        lacking.setdefault(one.subject, []).append(one)
    return {
        subject: {
            "schemaVersion": 2,
            "mediaType": _INDEX,
            "manifests": [one.descriptor for one in (*_of(there, subject), *missing)],
        }
        for subject, missing in lacking.items()
    }


def _of(tree: Tree, subject: str) -> list[Referrer]:
    return [one for one in tree.referrers if one.subject == subject]


async def _ended(copier: Copier, one: Carriage, there: Tree, done: Finished) -> Carriage:
    """Return what came of it."""
    lost = one.tree.without(there)
    why = ""
    if lost:
        failed = await copier.failed("copying", done) if not done.succeeded else None
        why = str(failed or there.problem or "the registry does not list it")
    return Carriage(one.source, one.target, one.tree, one.there, lost, why)
