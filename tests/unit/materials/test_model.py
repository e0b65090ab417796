"""What an image is made of, by what is attached to it."""

import json
from dataclasses import replace
from typing import Any

from pipeline.materials.difference import PackageChange, difference
from pipeline.materials.model import Blob, Materials, layers, materials
from pipeline.materials.signature import Signature
from pipeline.referrers import Referrer, Tree

from .test_packages import SAMPLES
from .test_provenance import GO, SOURCE, statement
from .test_signature import bundle

IMAGE, AMD, ARM = "sha256:image", "sha256:amd64", "sha256:arm64"
WHERE = f"r.example.com/prod-shop-api:v1.0.0@{IMAGE}"
SPDX, STATEMENT = "application/spdx+json", "application/vnd.in-toto+json"
SIGSTORE = "application/vnd.dev.sigstore.bundle.v0.3+json"
BASE = {"uri": "docker.io/library/golang:1.25", "digest": {"sha256": GO}}


def referrer(digest: str, subject: str = IMAGE, kind: str = SPDX, size: int = 100) -> Referrer:
    return Referrer(digest, subject, "manifest", kind, 500, {}, {f"{digest}-layer": size})


def place(digest: str) -> str:
    return f"r.example.com/prod-shop-api@{digest}-layer"


def sbom(version: str = "v1.0.0") -> Blob:
    return Blob((SAMPLES / f"{version}.spdx.json").read_text())


SBOM, PROVENANCE = referrer("sha256:sbom"), referrer("sha256:provenance", kind=STATEMENT)
TREE = Tree(IMAGE, (SBOM, PROVENANCE))
CONTENTS = {place("sha256:sbom"): sbom(), place("sha256:provenance"): Blob(statement(SOURCE, BASE))}


def test_an_image_is_made_of_what_its_sbom_and_its_provenance_say() -> None:
    assert layers(WHERE, TREE) == {place("sha256:sbom"): 100, place("sha256:provenance"): 100}
    made = materials(WHERE, TREE, CONTENTS)
    assert (made.digest, made.problem, len(made.packages)) == (IMAGE, "", 6)
    assert [(one.name, one.version) for one in made.base_images] == [("docker.io/library/golang", f"1.25@sha256:{GO}")]


def test_of_an_image_for_several_platforms_all_sboms_count_and_one_that_is_missing_is_told() -> None:
    tree = Tree(IMAGE, (referrer("sha256:a", AMD), referrer("sha256:b", ARM)), (AMD, ARM))
    contents = {place("sha256:a"): sbom("v1.0.0"), place("sha256:b"): sbom("v1.1.0")}
    made = materials(WHERE, tree, contents)
    assert [one.version for one in made.packages if one.name == "golang.org/x/text"] == ["v0.28.0", "v0.29.0"]
    partly = materials(WHERE, replace(tree, referrers=tree.referrers[:1]), contents)
    assert (partly.problem, partly.packages) == ("an SBOM is attached for some of its platforms only", ())


def test_what_is_said_of_something_else_does_not_count() -> None:
    other = referrer("sha256:other", subject=SBOM.digest)
    tree = Tree(IMAGE, (other, referrer("sha256:cyclonedx", kind="application/vnd.cyclonedx+json")))
    assert layers(WHERE, tree) == {}
    bare = materials(WHERE, tree, {})
    assert (bare.digest, bare.problem, bare.is_bare) == (IMAGE, "no SBOM is attached", True)


def test_what_cannot_be_read_is_told_and_spoils_nothing_else() -> None:
    made = materials(WHERE, TREE, {**CONTENTS, place("sha256:sbom"): Blob("{}")})
    assert made.problem == "its SBOM cannot be read: it is no SPDX 2 document in JSON"
    assert len(made.base_images) == 1
    made = materials(WHERE, TREE, {**CONTENTS, place("sha256:provenance"): Blob(problem="503")})
    assert (made.origin, len(made.packages)) == (None, 6)
    made = materials(WHERE, Tree(IMAGE, (replace(SBOM, layers={}),)), {})
    assert made.problem == "its SBOM cannot be read: it has no layer"
    assert materials(WHERE, Tree("", problem="down"), {}).problem == "what is attached to it is not known: down"


def test_signatures_are_read_if_they_are_wanted_with_what_they_sign() -> None:
    signatures = (referrer("sha256:s1", kind=SIGSTORE), referrer("sha256:s2", SBOM.digest, SIGSTORE),
                  referrer("sha256:s3", PROVENANCE.digest, SIGSTORE))  # fmt: skip
    tree = replace(TREE, referrers=(*TREE.referrers, *signatures))
    assert layers(WHERE, tree) == layers(WHERE, TREE)
    assert len(layers(WHERE, tree, signatures=True)) == 5
    bundles = {place(f"sha256:s{number}"): Blob(bundle(publicKey={"hint": str(number)})) for number in (1, 2)}
    made = materials(WHERE, tree, {**CONTENTS, **bundles, place("sha256:s3"): Blob("garbage")})
    assert made.signatures == [Signature("image", "key 1"), Signature("sbom", "key 2")]


def made(version: str, *base: Any) -> Materials:
    contents = {place("sha256:sbom"): sbom(version), place("sha256:provenance"): Blob(statement(SOURCE, *base))}
    return materials(WHERE, TREE, contents)


def test_two_images_differ_in_packages_and_base_images() -> None:
    newer = {**BASE, "digest": {"sha256": "f" * 64}}
    found = difference(made("v1.0.0", BASE), made("v1.1.0", newer), ("v1.0.0", "v1.1.0"))
    assert [change.name for change in found.differ] == ["golang.org/x/text", "libssl3", "openssl"]
    name = "docker.io/library/golang"
    assert found.base_images == [PackageChange(name, "", f"1.25@sha256:{GO}", f"1.25@sha256:{'f' * 64}")]
    assert difference(made("v1.0.0", BASE), made("v1.0.0", BASE), ("a", "b")).packages == []


def test_where_packages_are_not_known_it_is_told_of_which_image_and_base_images_are_told_if_both_say_theirs() -> None:
    bare = Materials(IMAGE, origin=made("v1.0.0", BASE).origin, problem="no SBOM is attached", is_bare=True)
    found = difference(bare, made("v1.1.0"), ("v1.0.0", "v1.1.0"))
    assert found.problem == "no SBOM is attached to v1.0.0"
    assert [change.after for change in found.base_images] == [""]
    nothing = Materials(problem="no SBOM is attached", is_bare=True)
    assert difference(nothing, nothing, ("v1.0.0", "v1.0.0")).problem == "no SBOM is attached to v1.0.0"
    broken = Materials(problem="its SBOM cannot be read: it is no text")
    found = difference(made("v1.0.0", BASE), broken, ("v1.0.0", "v1.1.0"))
    assert found.as_dict() == {"packages_unknown": "its SBOM cannot be read: it is no text (v1.1.0)"}


def test_a_large_document_costs_little() -> None:
    package = json.loads(sbom().text)["packages"][0]
    listed = [{**package, "SPDXID": f"p{n}", "name": f"p{n}", "externalRefs": []} for n in range(5000)]
    text = json.dumps({"spdxVersion": "SPDX-2.3", "packages": listed, "files": [{"fileName": "x"}] * 50_000})
    assert len(materials(WHERE, Tree(IMAGE, (SBOM,)), {place("sha256:sbom"): Blob(text)}).packages) == 5000
