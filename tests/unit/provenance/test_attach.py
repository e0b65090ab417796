"""What is missing of an image is made and signed; what is there is left, and what others attached is not signed."""

from pipeline.description import Provenance
from pipeline.provenance.attach import Missing, missing, unsigned
from pipeline.referrers import Referrer, Tree

IMAGE, OTHER, BILL, STATEMENT = (f"sha256:{digit * 64}" for digit in "1234")
TYPES = {
    "sbom": "application/spdx+json",
    "provenance": "application/vnd.in-toto+json",
    "signature": "application/vnd.dev.sigstore.bundle.v0.3+json",
}
EVERYTHING = Provenance(sign="key")


def refers(kind: str, subject: str, digest: str = f"sha256:{'9' * 64}") -> Referrer:
    return Referrer(digest, subject, "application/vnd.oci.image.manifest.v1+json", TYPES[kind], 1)


def tree(*referrers: Referrer, children: tuple[str, ...] = ()) -> Tree:
    return Tree(IMAGE, referrers, children)


def lacking(found: Tree, wanted: Provenance = EVERYTHING, *, signed: bool = False, witnessed: bool = True) -> Missing:
    return missing(found, wanted, signed=signed, witnessed=witnessed)


def test_an_image_that_nothing_refers_to_lacks_all_that_is_wanted() -> None:
    assert lacking(tree()) == Missing((IMAGE,), statement=True)
    assert lacking(tree(), Provenance(sbom=False)) == Missing((), statement=True)
    assert lacking(tree(), Provenance(attest=False)) == Missing((IMAGE,), statement=False)


def test_an_index_has_an_sbom_for_each_of_its_images_and_one_statement() -> None:
    children = (BILL, OTHER)
    assert lacking(tree(children=children)) == Missing(children, statement=True)
    assert lacking(tree(refers("sbom", BILL), children=children)) == Missing((OTHER,), statement=True)
    assert lacking(tree(refers("provenance", BILL), refers("sbom", IMAGE), children=children)).statement


def test_what_is_there_is_not_made_again() -> None:
    there = tree(refers("sbom", IMAGE, BILL), refers("provenance", IMAGE, STATEMENT))
    assert lacking(there) == Missing((), statement=False)


def test_where_signatures_are_wanted_only_what_is_signed_is_there() -> None:
    found = (refers("sbom", IMAGE, BILL), refers("provenance", IMAGE, STATEMENT), refers("signature", BILL))
    assert lacking(tree(*found), signed=True) == Missing((), statement=True)


def test_nothing_is_attested_that_this_run_did_not_see_being_built() -> None:
    assert lacking(tree(), witnessed=False) == Missing((IMAGE,), statement=False)


def test_the_image_and_what_was_attached_are_signed_once_and_what_others_attached_is_not() -> None:
    foreign = refers("sbom", IMAGE, OTHER)
    assert unsigned(tree(foreign), [BILL, STATEMENT]) == [IMAGE, BILL, STATEMENT]
    assert unsigned(tree(foreign, refers("signature", IMAGE)), [BILL, BILL]) == [BILL]
    assert unsigned(tree(foreign, refers("signature", IMAGE)), []) == []
