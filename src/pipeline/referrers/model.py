"""An image and all that refers to it, as a registry has it: what a listing says, held to the manifests themselves."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.description import PROVENANCE, SBOM, SIGNATURE

OTHER = "other"
KINDS = (SIGNATURE, SBOM, PROVENANCE)

_BUNDLE = "application/vnd.dev.sigstore.bundle."  # of any version, as cosign 3 stores signatures
_TYPES = {
    "application/spdx+json": SBOM,
    "application/vnd.cyclonedx+json": SBOM,
    "application/vnd.in-toto+json": PROVENANCE,
}
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_NO_IMAGE = "vnd.docker.reference.type"  # annotates what BuildKit puts into an index beside its images


@dataclass(frozen=True, slots=True)
class Referrer:
    """A manifest that refers to another one, its subject, by digest; type and annotations are its own words.

    `layers` are where it has what it says, by digest, and their sizes in bytes.
    """

    digest: str
    subject: str
    media_type: str
    artifact_type: str
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What it is to people."""
        return SIGNATURE if self.artifact_type.startswith(_BUNDLE) else _TYPES.get(self.artifact_type, OTHER)

    @property
    def descriptor(self) -> dict[str, Any]:
        """What an index says of it."""
        return {
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": self.size,
            "artifactType": self.artifact_type,
            **({"annotations": dict(self.annotations)} if self.annotations else {}),
        }


@dataclass(frozen=True, slots=True)
class Tree:
    """What refers to an image, subtrees too; of an index also what refers to its images, the `children`.

    A referrer stands behind what it refers to. `broken` says of each that is listed, but is no referrer, why.
    `problem` is why nothing is known; empty otherwise.
    """

    digest: str
    referrers: tuple[Referrer, ...] = ()
    children: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing refers to the image, as far as is known."""
        return not self.referrers

    def without(self, other: "Tree | None") -> list[Referrer]:
        """Return the referrers that another tree of the same image lacks."""
        there = {(one.subject, one.digest) for one in other.referrers} if other else set()
        return [one for one in self.referrers if (one.subject, one.digest) not in there]

    def joined(self, others: Sequence["Tree"]) -> "Tree":
        """Return this tree of an index with those of its images."""
        return Tree(
            self.digest,
            tuple(one for tree in (self, *others) for one in tree.referrers),
            self.children,
            tuple(one for tree in (self, *others) for one in tree.broken),
            next((tree.problem for tree in (self, *others) if tree.problem), ""),
        )


def tree(discovered: str, manifests: Mapping[str, str]) -> Tree:
    """Return the tree of an image.

    What it lists is not believed: a referrer is what its own manifest says, and that has to be there.

    Args:
        discovered: what oras discovered, as JSON.
        manifests: the manifests of all that it lists, and of the image if that is an index, by digest; of what is not
            there an empty text.
    """
    root = _document(discovered)
    digest = str(root.get("digest", ""))
    if not digest:
        return Tree("", problem="what refers to it is told in no way that is known")
    found: dict[tuple[str, str], Referrer] = {}
    broken: dict[str, None] = {}
    for subject, listed in _listed(root):
        name = str(listed.get("digest", ""))
        manifest = _document(manifests.get(name, ""))
        refers_to = _mapping(manifest.get("subject")).get("digest")
        if refers_to == subject:
            found[subject, name] = _referrer(name, subject, manifest, len(manifests[name].encode()))
        elif not manifest:
            broken[f"{name} is listed for {subject}, but is not there"] = None
        else:
            broken[f"{name} is listed for {subject}, but refers to {refers_to or 'nothing'}"] = None
    children = _children(_document(manifests.get(digest, ""))) if root.get("mediaType") in _INDEXES else ()
    return Tree(digest, tuple(found.values()), children, tuple(broken))


def _listed(root: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return what is listed with the digest of its subject, the subjects first."""
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        for one in node.get("referrers") or ():
            if isinstance(one, dict):
                yield str(node.get("digest", "")), one
                waiting.append(one)


def _referrer(digest: str, subject: str, manifest: Mapping[str, Any], size: int) -> Referrer:
    annotations = _mapping(manifest.get("annotations"))
    return Referrer(
        digest,
        subject,
        str(manifest.get("mediaType") or _MANIFEST),
        str(manifest.get("artifactType") or _mapping(manifest.get("config")).get("mediaType", "")),
        size,
        {str(name): str(value) for name, value in annotations.items()},
        _layers(manifest.get("layers")),
    )


def _layers(listed: object) -> dict[str, int]:
    layers = [_mapping(layer) for layer in (listed if isinstance(listed, list) else [])]
    found = {layer.get("digest"): layer.get("size") for layer in layers}
    return {
        digest: size
        for digest, size in found.items()
        if isinstance(digest, str) and _DIGEST.fullmatch(digest) and isinstance(size, int)
    }


def _children(index: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the digests of an index's images."""
    entries = [_mapping(entry) for entry in index.get("manifests") or ()]
    return tuple(
        str(entry["digest"])
        for entry in entries
        if "digest" in entry and _NO_IMAGE not in _mapping(entry.get("annotations"))
    )


def _document(text: str) -> Mapping[str, Any]:
    """Return a JSON object; an empty one if it is none."""
    try:
        return _mapping(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
