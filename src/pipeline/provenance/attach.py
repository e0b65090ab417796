"""Attach documents to images, each as what refers to its image, and decide which are still missing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.description import PROVENANCE, SBOM, SIGNATURE, Provenance
from pipeline.referrers import Tree
from pipeline.registry import Copier
from pipeline.tools import ATTACH, counted, once, run, shown

_SECONDS = 300  # for each document
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


@shown(lambda _, documents, __: f"attach {counted(documents, 'document')}")
async def attach(copier: Copier, documents: Sequence[tuple[str, Document]], created: str) -> list[str]:
    """Attach documents to images, and return the artifacts' digests; the same document is the same artifact.

    One after another: without a referrers API, each is a line of one index that is read, changed and written.

    Args:
        copier: the right to write to the registry.
        documents: what is attached, each with the image, by its digest.
        created: the time that the artifacts bear, in RFC 3339.

    Raises:
        RegistryFailed: one could not be attached.
    """
    if not documents:
        return []
    container, lines = copier.container.with_workdir(_FOLDER), list[str]()
    for number, (reference, document) in enumerate(documents):
        folder = str(number)  # files of one name may be for several images
        notes = json.dumps({"$manifest": {_CREATED: created, **document.annotations}})
        container = container.with_new_file(f"{_FOLDER}/{folder}/{document.file}", document.text)
        container = container.with_new_file(f"{_FOLDER}/{folder}/annotations.json", notes)
        lines.append(f"{copier.as_seen(reference)} {document.media_type} {folder} {document.file}\n")
    done = await run(once(container), [ATTACH], seconds=_SECONDS * len(documents), stdin="".join(lines))
    attached = (await done.stdout()).split()
    if not done.succeeded:
        failed = documents if done.code is None else documents[len(attached) :][:1] or documents[-1:]
        kinds = " and ".join(dict.fromkeys(document.kind for _, document in failed))
        said = " ".join((await done.stderr()).split())
        raise await copier.failed(f"attaching {kinds} to {failed[0][0]}", done, f"Error: {said}" if said else "")
    return attached
