"""Decide what an image lacks of what an environment requires, and which signatures have to be verified for it."""

from collections.abc import Iterable

from pipeline.description import SIGNATURE

from .model import Tree


def lacking(require: Iterable[str], tree: Tree) -> list[str]:
    """Return the kinds that are required of an image, and that nothing which refers to it is of.

    An index has what refers to itself, or to each of its images; a signature has to be the index's own.
    """
    return [kind for kind in require if not _has(kind, tree)]


def statements(require: Iterable[str], tree: Tree) -> dict[str, str]:
    """Return what has to be signed for it, by digest: the image, and whatever says something of it that is required.

    All of one kind are: whoever looks for the SBOM of an image may find any of them.
    """
    kinds = tuple(require)
    images = (tree.digest, *tree.children)
    found = {tree.digest: "the image"} if SIGNATURE in kinds else {}
    return found | {
        one.digest: f"its {one.kind}"
        for one in tree.referrers
        if one.subject in images and one.kind in kinds and one.kind != SIGNATURE
    }


def signed(tree: Tree) -> set[str]:
    """Return the digests that signatures refer to, whoever made them."""
    return {one.subject for one in tree.referrers if one.kind == SIGNATURE}


def _has(kind: str, tree: Tree) -> bool:
    with_it = {one.subject for one in tree.referrers if one.kind == kind}
    return tree.digest in with_it or (kind != SIGNATURE and bool(tree.children) and with_it.issuperset(tree.children))
