"""Where an image comes from, as a SLSA provenance statement says it: source, base images, builder."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .packages import Package, Unreadable, mapping, mappings, purl_parts

_PREDICATE = "https://slsa.dev/provenance/v1"
_COMMIT = ("gitCommit", "sha1")
_REF = re.compile("^((?:[a-z+]+://)?[^/]*/[^@]*)@.*$")
_IMAGE = re.compile("(?P<name>.+?)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]*))?(?:@sha256:[0-9a-f]+)?")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a build says it was made of, and by whom; empty is what it does not say.

    Base images are packages without a type, whose version is the tag and the digest, as far as it says them.
    """

    builder: str = ""
    repository: str = ""
    commit: str = ""
    base_images: tuple[Package, ...] = ()


def origin(document: str) -> Origin | None:
    """Return what an in-toto statement says, in a DSSE envelope or bare; None if it is no SLSA provenance of version 1.

    Raises:
        Unreadable: it is no statement.
    """
    statement = _statement(mapping(document))
    if statement.get("predicateType") != _PREDICATE:
        return None
    predicate = _object(statement.get("predicate"))
    dependencies = list(mappings(_object(predicate.get("buildDefinition")).get("resolvedDependencies")))
    source = next((each for each in dependencies if _commit(each) or str(each.get("uri")).startswith("git+")), {})
    images = [image for each in dependencies if (image := _base_image(each))]
    return Origin(
        builder=str(_object(_object(predicate.get("runDetails")).get("builder")).get("id", "")),
        repository=_REF.sub(r"\1", str(source.get("uri", "")).removeprefix("git+")),
        commit=_commit(source),
        base_images=tuple(dict.fromkeys(images)),
    )


def joined(origins: Sequence[Origin]) -> Origin | None:
    """Return what several statements of one image say, of a platform each; None if there are none."""
    if not origins:
        return None
    images = dict.fromkeys(image for each in origins for image in each.base_images)
    return replace(origins[0], base_images=tuple(images))


def _statement(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if "payload" not in document:
        return document
    try:
        return mapping(base64.b64decode(str(document["payload"]), validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        msg = "its payload is no text in Base64"
        raise Unreadable(msg) from None


def _commit(dependency: Mapping[str, Any]) -> str:
    digests = _object(dependency.get("digest"))
    return next((str(digests[key]) for key in _COMMIT if digests.get(key)), "")


def _base_image(dependency: Mapping[str, Any]) -> Package | None:
    """Return the image that a dependency is; None if it is something else, such as the source."""
    digest, uri = _object(dependency.get("digest")).get("sha256"), str(dependency.get("uri", ""))
    identity, tag = purl_parts(uri)
    if identity:
        kind, _, name = identity.removeprefix("pkg:").partition("/")
        if kind not in {"docker", "oci"}:
            return None
    else:
        scheme, mark, rest = uri.rpartition("://")
        found = _IMAGE.fullmatch(rest)
        if not digest or (mark and scheme not in {"docker", "docker-image", "oci"}) or not found:
            return None
        name, tag = found["name"], found["tag"] or ""
    parts = ("" if tag.startswith("sha256:") else tag, f"sha256:{digest}" if digest else "")
    return Package(name, "@".join(filter(None, parts)), "", "", name)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
