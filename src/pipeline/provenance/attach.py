"""Attach documents to images, each as what refers to its image, and decide which are still missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.description import PROVENANCE, SBOM, SIGNATURE, Provenance
from pipeline.referrers import Tree
from pipeline.registry import Copier
from pipeline.tools import ATTACH, once, run, shown

_SECONDS = 300
_FOLDER = "/tmp/attached"  # noqa: S108  in a container of its own
_CREATED = "org.opencontainers.image.created"  # else oras writes the time, and each try would be another artifact


@dataclass(frozen=True, slots=True)
class Document:
    """A document about an image: what it is to people, its media type, the name of its file, and its text."""

    kind: str
    media_type: str
    file: str
    text: str
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """What is to be made: an SBOM of each of some images by digest, and the statement of the whole."""

    sboms: tuple[str, ...]
    statement: bool


def missing(tree: Tree, wanted: Provenance, *, signed: bool, witnessed: bool) -> Missing:
    """Decide what an image lacks.

    Args:
        tree: what refers to it.
        wanted: what is to.
        signed: only what is signed counts. What is made again is the same artifact again, so that nothing is there
            twice; but what somebody else attached gets no signature of ours.
        witnessed: this run saw the image being built, and can say of what.
    """
    signatures = {one.subject for one in tree.referrers if one.kind == SIGNATURE}
    there = {(one.kind, one.subject) for one in tree.referrers if not signed or one.digest in signatures}
    images = tree.children or (tree.digest,)
    return Missing(
        tuple(image for image in images if wanted.sbom and (SBOM, image) not in there),
        wanted.attest and witnessed and (PROVENANCE, tree.digest) not in there,
    )


def unsigned(tree: Tree, attached: Sequence[str]) -> list[str]:
    """Return the digests to sign, of those that nothing signs yet: the image, and what was just attached to it."""
    signatures = {one.subject for one in tree.referrers if one.kind == SIGNATURE}
    return [digest for digest in dict.fromkeys((tree.digest, *attached)) if digest not in signatures]


@shown(lambda _, reference, document, __: f"attach {document.kind} to {reference}")
async def attach(copier: Copier, reference: str, document: Document, created: str) -> str:
    """Attach a document to an image, and return the artifact's digest; the same document is the same artifact.

    Args:
        copier: the right to write to the registry.
        reference: the image, by its digest.
        document: what is attached.
        created: the time that the artifact bears, in RFC 3339.

    Raises:
        RegistryFailed: it could not be attached.
    """
    annotations = {_CREATED: created, **document.annotations}
    options = [word for name, value in annotations.items() for word in ("--annotation", f"{name}={value}")]
    container = copier.container.with_workdir(_FOLDER).with_new_file(f"{_FOLDER}/{document.file}", document.text)
    command = [ATTACH, copier.as_seen(reference), document.media_type, document.file, *options]
    done = await run(once(container), command, seconds=_SECONDS)
    if not done.succeeded:
        said = " ".join((await done.stderr()).split())
        raise await copier.failed(f"attaching {document.kind} to {reference}", done, f"Error: {said}" if said else "")
    return (await done.stdout()).strip()
