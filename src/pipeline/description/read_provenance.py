"""Read what pipeline.yaml says of an image's provenance."""

from posixpath import normpath

from . import keys
from .model import Provenance
from .places import Problems
from .yaml_document import Mapping


def read_provenance(section: Mapping, problems: Problems) -> Provenance:
    """Return what is attached to images, and how it is signed."""
    fulcio, rekor = section.text(keys.PROVENANCE_FULCIO), section.text(keys.PROVENANCE_REKOR)
    trusted_root = section.text(keys.PROVENANCE_ROOT)
    sign = section.choice(keys.PROVENANCE_SIGN)
    if fulcio.value and not (rekor.value and trusted_root.value):
        problems.add(fulcio.at, "goes with rekor and trusted-root, which are that Sigstore's too: add them")
    for found in (fulcio, rekor, trusted_root):
        if found.value and sign == keys.NONE:
            problems.add(found.at, "is for signatures, and nothing is signed: add sign, or remove it")
    return Provenance(
        sbom=section.switch(keys.PROVENANCE_SBOM),
        attest=section.switch(keys.PROVENANCE_ATTEST),
        sign=sign,
        fulcio=fulcio.value.rstrip("/"),
        rekor=rekor.value.rstrip("/"),
        trusted_root=normpath(trusted_root.value) if trusted_root.value else "",
    )
