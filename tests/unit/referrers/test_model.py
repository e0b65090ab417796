"""What refers to an image: a listing is held to the manifests themselves."""

import json
from typing import Any

from pipeline.description import PROVENANCE, SBOM, SIGNATURE
from pipeline.referrers.model import Tree, tree

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
IMAGE, AMD, ARM, LIST, SIGNED, OTHER = (f"sha256:{digit * 64}" for digit in "1234ab")


def manifest(subject: str | None, kind: str = "application/spdx+json", **more: Any) -> str:
    refers = {"subject": {"digest": subject}} if subject else {}
    return json.dumps({"mediaType": MANIFEST, "artifactType": kind, **refers, **more})


def discovered(*referrers: Any, digest: str = IMAGE, kind: str = MANIFEST) -> str:
    return json.dumps({"digest": digest, "mediaType": kind, "referrers": list(referrers)})


def listed(digest: str, *referrers: Any, kind: str = "application/vnd.oci.empty.v1+json") -> dict[str, Any]:
    return {"digest": digest, "artifactType": kind, "size": 1, "referrers": list(referrers)}


def test_a_referrer_is_what_its_manifest_says_and_stands_behind_what_it_refers_to() -> None:
    texts = {
        LIST: manifest(IMAGE, annotations={"made": "today"}),
        SIGNED: manifest(LIST, BUNDLE),
        OTHER: manifest(IMAGE, "x/y"),
    }
    found = tree(discovered(listed(LIST, listed(SIGNED)), listed(OTHER)), texts)
    assert [(one.digest, one.subject, one.kind) for one in found.referrers] == [
        (LIST, IMAGE, SBOM),
        (OTHER, IMAGE, "other"),
        (SIGNED, LIST, SIGNATURE),
    ]
    assert found.referrers[0].descriptor == {
        "mediaType": MANIFEST,
        "digest": LIST,
        "size": len(texts[LIST]),
        "artifactType": "application/spdx+json",
        "annotations": {"made": "today"},
    }
    assert (found.digest, found.broken, found.problem) == (IMAGE, (), "")


def test_a_type_that_only_the_configuration_tells_is_told_too() -> None:
    text = json.dumps({"config": {"mediaType": "application/vnd.in-toto+json"}, "subject": {"digest": IMAGE}})
    (one,) = tree(discovered(listed(LIST)), {LIST: text}).referrers
    assert (one.kind, one.media_type) == (PROVENANCE, MANIFEST)


def test_where_it_has_what_it_says_is_told_as_far_as_it_is_there() -> None:
    good = {"digest": OTHER, "size": 7}
    told: list[tuple[Any, dict[str, int]]] = [
        ([good, {"digest": "sha256:../x", "size": 1}, {"digest": AMD}, {"size": 1}, 7], {OTHER: 7}),
        (None, {}),
        (7, {}),
        ({}, {}),
        ("x", {}),
    ]
    for layers, known in told:
        (one,) = tree(discovered(listed(LIST)), {LIST: manifest(IMAGE, layers=layers)}).referrers
        assert one.layers == known


def test_what_is_listed_and_is_none_is_named() -> None:
    texts = {LIST: "", SIGNED: manifest(OTHER), OTHER: manifest(None)}
    found = tree(discovered(listed(LIST), listed(SIGNED), listed(OTHER)), texts)
    assert found.is_empty
    assert found.broken == (
        f"{LIST} is listed for {IMAGE}, but is not there",
        f"{SIGNED} is listed for {IMAGE}, but refers to {OTHER}",
        f"{OTHER} is listed for {IMAGE}, but refers to nothing",
    )


def test_what_is_listed_under_itself_or_no_text_does_no_harm() -> None:
    around = {"digest": IMAGE, "referrers": [{"digest": IMAGE, "referrers": []}, 7, None]}
    assert len(tree(json.dumps(around), {IMAGE: manifest(IMAGE)}).referrers) == 1
    assert tree("[" * 100_000, {}).problem
    assert tree(json.dumps({"digest": IMAGE, "referrers": [{"digest": LIST}]}), {LIST: "[1]"}).broken


def test_an_index_has_the_images_that_are_some() -> None:
    entries = [
        {"digest": AMD, "platform": {"architecture": "amd64"}},
        {"digest": ARM},
        {"digest": OTHER, "annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
    ]
    found = tree(discovered(kind=INDEX), {IMAGE: json.dumps({"manifests": entries})})
    assert found.children == (AMD, ARM)
    below = [tree(discovered(listed(LIST), digest=each), {LIST: manifest(each)}) for each in found.children]
    joined = found.joined(below)
    assert [(one.subject, one.digest) for one in joined.referrers] == [(AMD, LIST), (ARM, LIST)]
    assert joined.children == (AMD, ARM)


def test_what_another_place_lacks_is_told_by_subject_and_digest() -> None:
    whole = tree(discovered(listed(LIST, listed(SIGNED))), {LIST: manifest(IMAGE), SIGNED: manifest(LIST, BUNDLE)})
    part = Tree(IMAGE, whole.referrers[:1])
    assert whole.without(part) == list(whole.referrers[1:])
    assert whole.without(None) == list(whole.referrers)
    assert whole.without(whole) == []
