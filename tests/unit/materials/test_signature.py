"""Who signed, as a bundle says it. The certificates were made by OpenSSL, with Fulcio's extensions."""

import base64
import json

import pytest

from pipeline.materials.packages import Unreadable
from pipeline.materials.signature import Signature, signed

CERTIFICATE = (
    "MIIB7zCCAZWgAwIBAgIUStNav1tiCvaPhf9/RO27VOygLTowCgYIKoZIzj0EAwIwADAeFw0yNjExMjUxMzIzMzFaFw0zNjExMjIxMzIzMzFaMAAwWTAT"
    "BgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ8MD0amjMICcYGwsg8X9M46g0Kh972gxwiTianmgkV5NPfbe49QVAQeg+H1D+grn4Torq2iV/NlGj12B5My6O8"
    "o4HsMIHpMGAGA1UdEQEB/wRWMFSGUmh0dHBzOi8vZ2l0aHViLmNvbS9hY21lL215YXBwLy5naXRodWIvd29ya2Zsb3dzL2J1aWxkLWltYWdlcy55YW1s"
    "QHJlZnMvdGFncy92MS4wLjAwGQYKKwYBBAGDvzABAQQLaHR0cHM6Ly9vbGQwOwYKKwYBBAGDvzABCAQtDCtodHRwczovL3Rva2VuLmFjdGlvbnMuZ2l0"
    "aHVidXNlcmNvbnRlbnQuY29tMA4GA1UdDwEB/wQEAwIHgDAdBgNVHQ4EFgQUgKnySI11+UA8TwOUawHG3frrEaowCgYIKoZIzj0EAwIDSAAwRQIgcWSD"
    "pXceUbBMnGm+Eu32m/Gs9VcdF1CjJfq0OnAxGZ4CIQDMZBACZHGYVcXMXXiaDK9LNpZEnWtd9xklGPrIF0atkw=="
)
NAME = "https://github.com/acme/myapp/.github/workflows/build-images.yaml@refs/tags/v1.0.0"
ISSUER = "https://token.actions.githubusercontent.com"


def bundle(**material: object) -> str:
    return json.dumps({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": material})


def test_a_keyless_signature_is_whose_the_certificate_says() -> None:
    assert signed("image", bundle(certificate={"rawBytes": CERTIFICATE})) == Signature("image", NAME, ISSUER)


def test_the_older_extension_says_the_issuer_where_the_newer_is_missing() -> None:
    old = base64.b64decode(CERTIFICATE).replace(
        bytes.fromhex("2b0601040183bf300108"), bytes.fromhex("2b0601040183bf300109")
    )
    found = signed("image", bundle(certificate={"rawBytes": base64.b64encode(old).decode()}))
    assert found == Signature("image", NAME, "https://old")


def test_a_signature_by_a_key_is_told_by_its_hint() -> None:
    assert signed("sbom", bundle(publicKey={"hint": "LsY3WVo="})) == Signature("sbom", "key LsY3WVo=")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", bundle(), bundle(certificate=1), bundle(certificate={"rawBytes": "%"})]
)
def test_what_is_no_bundle_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable):
        signed("image", text)


def test_a_certificate_that_is_cut_short_or_garbled_names_nobody_and_does_no_harm() -> None:
    whole = base64.b64decode(CERTIFICATE)
    for end in range(0, len(whole), 7):
        found = signed("image", bundle(certificate={"rawBytes": base64.b64encode(whole[:end] or b"x").decode()}))
        assert found.by == "a certificate without a name"
    for place in range(0, len(whole), 5):
        garbled = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        signed("image", bundle(certificate={"rawBytes": base64.b64encode(garbled).decode()}))
