"""Read from a registry what images are made of."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from pipeline.referrers import Tree, listing
from pipeline.registry import Copier
from pipeline.tools import CONTENT_OF, GATHERED, counted, once, patient, run, shown, unpacked

from .model import Blob, Materials, layers, materials

_NONE: Mapping[str, Tree] = MappingProxyType({})
_SECONDS = 300
_PATIENCE = 60  # seconds that a registry may ask for in all
_AT_ONCE = 8
_LARGEST = 64 * 1024 * 1024  # bytes: an image of 10,000 packages and 100,000 files has an SBOM of about half of it


async def read(
    copier: Copier, references: Collection[str], *, signatures: bool = False, known: Mapping[str, Tree] = _NONE
) -> dict[str, Materials]:
    """Return what images are made of, by reference; it raises nothing, but says what is not known.

    Where nothing is attached to any of them, it only costs to ask for that.

    Args:
        copier: which has the right to read them.
        references: the images, by digest or tag.
        signatures: read who signed as well.
        known: what refers to some of them, by reference.
    """
    trees = {reference: known[reference] for reference in references if reference in known}
    if others := [reference for reference in references if reference not in known]:
        trees |= await listing(copier, others)
    sizes: dict[str, int] = {}
    for reference, tree in trees.items():
        sizes |= layers(reference, tree, signatures=signatures)
    found = await contents(copier, sizes)
    return {reference: materials(reference, tree, found) for reference, tree in trees.items()}


async def contents(copier: Copier, sizes: Mapping[str, int]) -> dict[str, Blob]:
    """Return what is in layers, by reference; those that are larger than any SBOM are left where they are."""
    large = {place: Blob(problem=f"it has {size} bytes") for place, size in sizes.items() if size > _LARGEST}
    return {**large, **(await _contents(copier, [place for place in sizes if place not in large]))}


@shown(lambda _, places: f"read {counted(places, 'layer')}")
async def _contents(copier: Copier, places: Collection[str]) -> dict[str, Blob]:
    if not places:
        return {}
    inside = {copier.as_seen(place): place for place in places}
    command = [GATHERED, "1", str(_AT_ONCE), *patient(_PATIENCE, CONTENT_OF)]
    done = await run(once(copier.container), command, seconds=_SECONDS, stdin="\n".join(inside))
    said = unpacked(await done.stdout())
    lines = [line for line in (await done.stderr()).splitlines() if line.startswith("Error: ")]
    why = copier.as_given(lines[0].removeprefix("Error: ")) if lines else "it is no text, or there is no answer"
    return {place: Blob(said[seen]) if seen in said else Blob(problem=why) for seen, place in inside.items()}
