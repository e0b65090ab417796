"""Ask a registry what refers to images: by its referrers API, else by the tags that stand in for it."""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.registry import Copier, reasons, repository
from pipeline.tools import GATHERED, REFERRERS_OF, counted, once, patient, run, shown

from .model import Tree, tree

_SECONDS = 90
_PATIENCE = 60  # seconds that a registry may ask for in all
_AT_ONCE = 8


@shown(lambda _, references: f"ask the registry what refers to {counted(references, 'image')}")
async def listing(copier: Copier, references: Sequence[str]) -> dict[str, Tree]:
    """Return what refers to images, by reference; of an index, what refers to its images as well.

    It raises nothing: a tree says if it is not known. An image that is not there has such a tree, too.
    """
    found = await _asked(copier, references)
    children = {
        reference: [f"{repository(reference)}@{child}" for child in image.children]
        for reference, image in found.items()
        if image.children
    }
    if not children:
        return found
    below = await _asked(copier, list(dict.fromkeys(child for each in children.values() for child in each)))
    return found | {
        reference: found[reference].joined([below[child] for child in each]) for reference, each in children.items()
    }


async def _asked(copier: Copier, references: Sequence[str]) -> dict[str, Tree]:
    if not references:
        return {}
    inside = {copier.as_seen(reference): reference for reference in references}
    words = "\n".join(f"{repository(seen)} {seen.removeprefix(repository(seen))}" for seen in inside)
    command = [GATHERED, "2", str(_AT_ONCE), *patient(_PATIENCE, REFERRERS_OF)]
    done = await run(once(copier.container), command, seconds=_SECONDS, stdin=words)
    said = answers((await done.stdout()).splitlines())
    silent = "" if done.code is not None else "it did not answer in time"
    return {reference: _tree(copier, said.get(seen, {}), silent) for seen, reference in inside.items()}


def _tree(copier: Copier, said: Mapping[str, str], silent: str) -> Tree:
    if "tree" in said:
        return tree(said["tree"], said)
    why = next(iter(reasons(said.get("failed", ""))), silent or "the registry gave no reason")
    return Tree("", problem=copier.as_given(why))


def answers(lines: Iterable[str]) -> dict[str, dict[str, str]]:
    """Take apart what REFERRERS_OF says: texts by what they are, by the reference that was asked for."""
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        reference, _, rest = line.partition(" ")
        what, _, encoded = rest.partition(" ")
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            text = ""
        found.setdefault(reference, {})[what] = text
    return found


def told(trees: Mapping[str, Tree], digests: Mapping[str, str]) -> dict[str, Tree]:
    """Return trees by reference, each held to the digest that the same reference had when it was asked for."""
    return {
        reference: image
        if image.problem or image.digest == digests.get(reference, "")
        else replace(image, problem=f"{reference} became {image.digest} meanwhile: run again")
        for reference, image in trees.items()
    }
