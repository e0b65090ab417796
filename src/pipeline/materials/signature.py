"""Who signed, as a Sigstore bundle says it: a certificate's name, or a key. Whether that is true is cosign's to say."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .packages import Unreadable, mapping

_ALTERNATIVE_NAME = bytes.fromhex("551d11")  # 2.5.29.17
_ISSUERS = (
    bytes.fromhex("2b0601040183bf300108"),
    bytes.fromhex("2b0601040183bf300101"),
)  # Fulcio's, 1.3.6.1.4.1.57264.1
_EXTENSIONS = 0xA3
_NAMES = (0x81, 0x82, 0x86)  # a mail address, a host, an address: the forms of who it is


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that is attached.

    `what` is signed: the image, or its sbom or provenance. `by` is who a certificate names, with the `issuer` that
    vouched for it; or a key, by its hint.
    """

    what: str
    by: str
    issuer: str = ""


def signed(what: str, bundle: str) -> Signature:
    """Return who signed something.

    Raises:
        Unreadable: it is no bundle.
    """
    material = _object(mapping(bundle).get("verificationMaterial"))
    if raw := _object(material.get("certificate")).get("rawBytes"):
        by, issuer = _identity(_decoded(str(raw)))
        return Signature(what, by or "a certificate without a name", issuer)
    if key := _object(material.get("publicKey")):
        return Signature(what, f"key {key['hint']}" if key.get("hint") else "a key")
    msg = "it is no Sigstore bundle with a key or a certificate"
    raise Unreadable(msg)


def _identity(certificate: bytes) -> tuple[str, str]:
    """Return whom a certificate names, and who vouched for that by OpenID Connect."""
    found = dict(_extensions(certificate))
    names = [
        name.decode(errors="replace")
        for tag, name in _parts(_first(found.get(_ALTERNATIVE_NAME, b"")))
        if tag in _NAMES
    ]
    issuer = next((found[oid] for oid in _ISSUERS if oid in found), b"")
    if issuer[:1] == b"\x0c":  # a UTF-8 text; the older extension is bare
        issuer = _first(issuer)
    return ", ".join(names), issuer.decode(errors="replace")


def _extensions(certificate: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Return a certificate's extensions (RFC 5280, 4.1): their object identifiers and values."""
    for tag, wrapped in _parts(_first(_first(certificate))):
        for _, extension in _parts(_first(wrapped)) if tag == _EXTENSIONS else ():
            fields = [content for _, content in _parts(extension)]
            if len(fields) > 1:
                yield fields[0], fields[-1]


def _first(data: bytes) -> bytes:
    return next((content for _, content in _parts(data)), b"")


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Return the parts of DER (X.690, 8.1): a tag and its content each; nothing of what is cut short."""
    while len(data) > 1:
        tag, size, start = data[0], data[1], 2
        if size & 0x80:
            start = 2 + (size & 0x7F)
            size = int.from_bytes(data[2:start], "big")
        content = data[start : start + size]
        if len(content) < size:
            return
        yield tag, content
        data = data[start + size :]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        msg = "its certificate is not in Base64"
        raise Unreadable(msg) from None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
