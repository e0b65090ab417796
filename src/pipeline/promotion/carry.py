"""Find what refers to a promotion's images, refuse what lacks what is required, and copy it after them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.concurrency import both
from pipeline.description import Environment
from pipeline.referrers import Carriage, Tree, lacking, listing, signed, statements, told, verified
from pipeline.referrers import carry as carry_over
from pipeline.registry import RegistryFailed, repository

from .carried import Carried
from .copy import AGAIN
from .decide import Refused, Step
from .intent import Intent
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class Images:
    """What the registry has: digests by reference, and trees of what refers to images; of what it lacks there is none.

    Trees are those of the sources, and of destinations that are there already though something may be missing.
    """

    digests: Mapping[str, str]
    trees: Mapping[str, Tree]


async def find(workspace: Workspace, intents: Sequence[Intent]) -> Images:
    """Ask for all sources and destinations, and side by side for what refers to the sources.

    The repository of a destination may not be there yet.
    """
    ways = {intent.destination(service): intent.source(service) for intent in intents for service in intent.services}
    references = dict.fromkeys(reference for intent in intents for reference in intent.references)
    copier, sources = workspace.copier, list(dict.fromkeys(ways.values()))
    digests, trees = await both(copier.digests(references, may_be_new=set(ways)), listing(copier, sources))
    begun = [target for target, source in ways.items() if target in digests and not trees[source].is_empty]
    trees |= await listing(copier, begun)
    return Images(digests, told({name: tree for name, tree in trees.items() if name in digests}, digests))


async def require(workspace: Workspace, intents: Sequence[Intent], found: Sequence[Step], images: Images) -> None:
    """Refuse images that something refers to which is none, or that lack what their environment requires.

    Raises:
        Refused: a line for each.
    """
    targets = {intent.target.name: intent.target for intent in intents}
    ways = [(step, targets[step.environment], images.trees[step.source]) for step in found]
    whole = [way for way in ways if not list(problems_of(*way))]
    problems = [line for way in ways for line in problems_of(*way)]
    problems += await _unsigned(workspace, [way for way in whole if way[1].signers])
    if problems:
        raise Refused("\n".join(dict.fromkeys(problems)))


def problems_of(step: Step, target: Environment, tree: Tree) -> Iterable[str]:
    """Return a line for each thing that keeps an image from an environment."""
    image = f"{repository(step.source)}@{step.digest}"
    rule = f"{step.service}: {target.name} requires {', '.join(target.require)}, but"
    if tree.broken:  # and what is lacking is so for that reason
        todo = "take it out of what is listed there, or put back what it was"
        yield from (f"{step.service}: {broken}, in {repository(step.source)}: {todo}" for broken in tree.broken)
    elif tree.problem and target.require:
        yield f"{rule} what refers to {image} is not known: {tree.problem}"
    elif missing := lacking(target.require, tree):
        todo = f"build and sign a version that has, or change require of {target.name}"
        yield f"{rule} {image} has no {' and no '.join(missing)}: {todo}"


async def _unsigned(workspace: Workspace, ways: Sequence[tuple[Step, Environment, Tree]]) -> list[str]:
    """Return a line for each image, SBOM and provenance that none of an environment's signers has signed."""
    problems = []
    for target in dict.fromkeys(target for _, target, _ in ways):
        wanted = {
            f"{repository(step.source)}@{digest}": (f"{step.service}: {what}", digest in signed(tree))
            for step, place, tree in ways
            if place == target
            for digest, what in statements(target.require, tree).items()
        }
        # cosign takes signatures of its older versions too, but those refer to nothing, and stay behind.
        why = dict.fromkeys(wanted, "nothing that signs it refers to it") | await verified(
            workspace.copier,
            workspace.description.tools.cosign,
            workspace.source,
            [reference for reference, (_, there) in wanted.items() if there],
            target.signers,
        )
        names = " or ".join(signer.name for signer in target.signers)
        problems += [
            f"{what} {reference} is not signed by {names}, as {target.name} requires: {why[reference]}"
            for reference, (what, _) in wanted.items()
            if why[reference]
        ]
    return problems


def planned(step: Step, images: Images) -> Carried:
    """Return what is to be carried with an image."""
    one = _carriage(step, images)
    return Carried([each.kind for each in one.tree.referrers], len(one.missing), one.tree.problem)


async def carry(
    workspace: Workspace, intents: Sequence[Intent], found: Sequence[Step], images: Images
) -> dict[str, Carried]:
    """Copy what refers to the images, which are there, and return what came of it by their references in the target.

    What nobody requires holds nothing up if it cannot be copied: it is said, and the next run tries again.

    Raises:
        RegistryFailed: something that is required is not there, so that nothing may be committed.
    """
    ways = {step.target: step for step in found}  # environments may share a repository
    ended = dict(
        zip(ways, await carry_over(workspace.copier, [_carriage(step, images) for step in ways.values()]), strict=True)
    )
    strict = {intent.target.name for intent in intents if intent.target.require}
    lost = [
        f"{step.service}: {_lost(ended[step.target])}"
        for step in found
        if step.environment in strict and ended[step.target].lost
    ]
    if lost:
        names = "\n".join(lost)
        msg = f"{names}\nIt is required, so that nothing was committed. {AGAIN}"
        raise RegistryFailed(msg)
    return {target: _outcome(one) for target, one in ended.items()}


def _carriage(step: Step, images: Images) -> Carriage:
    return Carriage(
        repository(step.source), repository(step.target), images.trees[step.source], images.trees.get(step.target)
    )


def _outcome(one: Carriage) -> Carried:
    kinds = [each.kind for each in one.tree.referrers if each not in one.lost]
    return Carried(kinds, len(one.missing) - len(one.lost), _lost(one) if one.lost else one.tree.problem)


def _lost(one: Carriage) -> str:
    names = ", ".join(f"{each.kind} {each.digest}" for each in one.lost)
    return f"{one.target} lacks {names}: {one.why}"
