"""What an image is made of, as those who built it attached it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from pipeline.description import SIGNATURE
from pipeline.referrers import Referrer, Tree
from pipeline.registry import repository

from .packages import Package, Unreadable, merged, packages
from .provenance import Origin, joined, origin
from .signature import Signature, signed

T = TypeVar("T")

_BARE = "no SBOM is attached"
_SPDX, _STATEMENT = "application/spdx+json", "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Blob:
    """What is in a layer; or why it cannot be read."""

    text: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Materials:
    """What an image is made of, as far as that is attached to it; of one for several platforms, all that they have.

    `problem` is why the packages are not known, empty if they are; `is_bare` says that no SBOM is attached. Signatures
    are those of the image and of what says something of it, if they were read.
    """

    digest: str = ""
    packages: Sequence[Package] = ()
    origin: Origin | None = None
    signatures: Sequence[Signature] = ()
    problem: str = ""
    is_bare: bool = False

    @property
    def base_images(self) -> Sequence[Package]:
        """The images that it is built from, as packages."""
        return self.origin.base_images if self.origin else ()


def layers(reference: str, tree: Tree, *, signatures: bool = False) -> dict[str, int]:
    """Return where to read what an image is made of, by reference with its size: SBOMs, statements, and signatures."""
    said = [*_said(tree, _SPDX, _STATEMENT), *(_signatures(tree) if signatures else [])]
    return {place: size for one in said for place, size in [_layer(reference, one)] if place}


def materials(reference: str, tree: Tree, contents: Mapping[str, Blob]) -> Materials:
    """Return what an image is made of.

    Args:
        reference: the image.
        tree: what refers to it.
        contents: what there is where `layers` said.
    """
    if tree.problem:
        return Materials(problem=f"what is attached to it is not known: {tree.problem}")

    def read(one: Referrer) -> str:
        return _text(contents, _layer(reference, one)[0])

    found = Materials(
        tree.digest,
        origin=joined([each for one in _said(tree, _STATEMENT) for each in _readable(origin, read, one) if each]),
        signatures=[
            each
            for one in _signatures(tree)
            if _layer(reference, one)[0] in contents
            for each in _readable(partial(signed, _what(tree, one)), read, one)
        ],
    )
    places, problem = sboms(reference, tree)
    if problem:
        return replace(found, problem=problem, is_bare=problem == _BARE)
    try:
        return replace(found, packages=merged(*(packages(_text(contents, place)) for place in places)))
    except Unreadable as error:
        return replace(found, problem=f"its SBOM cannot be read: {error}")


def sboms(reference: str, tree: Tree) -> tuple[list[str], str]:
    """Return where an image's SBOMs are, of several platforms all of them, and why they are not known, if so."""
    if tree.problem:
        return [], f"what is attached to it is not known: {tree.problem}"
    said = _said(tree, _SPDX)
    described = {one.subject for one in said}
    if not said:
        return [], _BARE
    if tree.digest not in described and not described.issuperset(tree.children):
        return [], "an SBOM is attached for some of its platforms only"
    return [_layer(reference, one)[0] for one in said], ""


def _text(contents: Mapping[str, Blob], place: str) -> str:
    """Return what is in a layer.

    Raises:
        Unreadable: it could not be read, or there is none.
    """
    blob = contents.get(place, Blob(problem="it has no layer"))
    if blob.problem:
        raise Unreadable(blob.problem)
    return blob.text


def _readable(take: Callable[[str], T], read: Callable[[Referrer], str], one: Referrer) -> list[T]:
    """Return what a referrer says, if it can be read: what else is attached is told without it."""
    try:
        return [take(read(one))]
    except Unreadable:
        return []


def _signatures(tree: Tree) -> list[Referrer]:
    return [one for one in tree.referrers if one.kind == SIGNATURE]


def _what(tree: Tree, signature: Referrer) -> str:
    """Return what is signed, for people."""
    kinds = {one.digest: one.kind for one in tree.referrers}
    return kinds.get(signature.subject, "image")


def _said(tree: Tree, *types: str) -> list[Referrer]:
    """Return what says something of the image, or of one of its platforms: not of what refers to it."""
    images = (tree.digest, *tree.children)
    return [one for one in tree.referrers if one.artifact_type in types and one.subject in images]


def _layer(reference: str, one: Referrer) -> tuple[str, int]:
    """Return where a referrer has what it says, and its size; nowhere, if it has nothing."""
    digest, size = next(iter(one.layers.items()), ("", 0))
    return (f"{repository(reference)}@{digest}", size) if digest else ("", 0)
