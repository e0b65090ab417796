"""What an image lacks of what is required, and what has to be signed for it."""

import pytest

from pipeline.description import PROVENANCE, SBOM, SIGNATURE
from pipeline.referrers import Referrer, Tree, lacking, statements

IMAGE, AMD, ARM = "sha256:image", "sha256:amd", "sha256:arm"
TYPES = {
    SIGNATURE: "application/vnd.dev.sigstore.bundle.v0.3+json",
    SBOM: "application/spdx+json",
    PROVENANCE: "application/vnd.in-toto+json",
}
EVERYTHING = (SIGNATURE, SBOM, PROVENANCE)


def referrer(kind: str, subject: str = IMAGE, name: str = "") -> Referrer:
    return Referrer(f"sha256:{name or kind}", subject, "manifest", TYPES[kind], 1)


WHOLE = Tree(
    IMAGE, (referrer(SIGNATURE), referrer(SBOM), referrer(PROVENANCE), referrer(SIGNATURE, "sha256:sbom", "s"))
)


@pytest.mark.parametrize("kind", EVERYTHING)
def test_each_kind_is_missed_by_its_name(kind: str) -> None:
    without = Tree(IMAGE, tuple(one for one in WHOLE.referrers if one.kind != kind))
    assert lacking(EVERYTHING, WHOLE) == []
    assert lacking(EVERYTHING, without) == [kind]
    assert lacking((), without) == []


def test_the_signature_of_an_sbom_is_none_of_the_image() -> None:
    assert lacking([SIGNATURE], Tree(IMAGE, WHOLE.referrers[1:])) == [SIGNATURE]


def test_an_index_has_what_each_of_its_images_has_but_is_signed_itself() -> None:
    both = tuple(referrer(kind, child, f"{kind}-{child}") for kind in (SBOM, SIGNATURE) for child in (AMD, ARM))
    assert lacking([SBOM, SIGNATURE], Tree(IMAGE, both, (AMD, ARM))) == [SIGNATURE]
    assert lacking([SBOM], Tree(IMAGE, both[:1], (AMD, ARM))) == [SBOM]


def test_the_image_and_all_that_is_said_of_it_have_to_be_signed_if_required() -> None:
    more = Tree(IMAGE, (*WHOLE.referrers, referrer(SBOM, name="second")))
    assert statements(EVERYTHING, more) == {
        IMAGE: "the image",
        "sha256:sbom": "its sbom",
        "sha256:provenance": "its provenance",
        "sha256:second": "its sbom",
    }
    assert statements([SBOM], WHOLE) == {"sha256:sbom": "its sbom"}
    below = Tree(IMAGE, (referrer(SBOM, AMD, "amd"), referrer(SBOM, "sha256:elsewhere", "no")), (AMD,))
    assert statements([SBOM], below) == {"sha256:amd": "its sbom"}
