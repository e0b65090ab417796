"""An image's SBOM: what syft finds in it and in the files that it was built from, as one SPDX document of packages."""

import json
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

SBOM = "application/spdx+json"

_IMAGE = "SPDXRef-image"
_UNKNOWN = "UNKNOWN"  # what syft writes for the version of what names none, such as the project itself
_NAMES = uuid.UUID("b0f5a3a6-4d0a-5f6e-9d0c-7a6a1f0d5c11")


@dataclass(frozen=True, slots=True)
class Subject:
    """The image that a document is about: its repository and digest, and when it was made, in RFC 3339.

    `platform` is the one that it is for; what syft says, if it is empty.
    """

    repository: str
    digest: str
    created: str
    platform: str = ""


def sbom(found: str, locked: str, subject: Subject) -> str:
    """Return an image's SBOM; the same findings about the same image give the same text.

    Args:
        found: what syft found in the image, in SPDX 2.3 as JSON.
        locked: what it found in the files that the image was built from. Bundlers and compilers leave no trace of
            packages: kinds of which the image shows none are taken from here, as what it depends on.
        subject: the image.
    """
    document = json.loads(found)
    inside = _packages(document)
    kinds = {_kind(package) for package in inside}
    beside = [one for one in _packages(json.loads(locked)) if _kind(one) not in {*kinds, ""}] if locked else []
    named = uuid.uuid5(_NAMES, f"{subject.repository}@{subject.digest}")
    return json.dumps(
        {
            "spdxVersion": document["spdxVersion"],
            "dataLicense": document["dataLicense"],
            "SPDXID": document["SPDXID"],
            "name": subject.repository,
            "documentNamespace": f"https://spdx.org/spdxdocs/{quote(subject.repository.rpartition('/')[2])}-{named}",
            "creationInfo": {**document["creationInfo"], "created": subject.created},
            "packages": [_image(subject, document), *inside, *beside],
            "relationships": [
                _related(document["SPDXID"], "DESCRIBES", _IMAGE),
                *(_related(_IMAGE, "CONTAINS", package["SPDXID"]) for package in inside),
                *_dependencies(document, inside),
                *(_related(package["SPDXID"], "DEPENDENCY_OF", _IMAGE) for package in beside),
            ],
        },
        sort_keys=True,
    )


def _packages(document: Any) -> list[dict[str, Any]]:
    """Return the packages that have a version; files, and the root that all of it is found in, are left out."""
    roots = _roots(document)
    known = (one for one in document["packages"] if one["SPDXID"] not in roots)
    return sorted(
        (one for one in known if one.get("versionInfo", _UNKNOWN) != _UNKNOWN), key=lambda one: str(one["SPDXID"])
    )


def _roots(document: Any) -> set[str]:
    return {one["relatedSpdxElement"] for one in document["relationships"] if one["relationshipType"] == "DESCRIBES"}


def _dependencies(document: Any, inside: Sequence[dict[str, Any]]) -> Iterable[dict[str, str]]:
    names = {package["SPDXID"] for package in inside}
    found = [
        _related(one["spdxElementId"], one["relationshipType"], one["relatedSpdxElement"])
        for one in document["relationships"]
        if one["relationshipType"] == "DEPENDENCY_OF" and {one["spdxElementId"], one["relatedSpdxElement"]} <= names
    ]
    return sorted(found, key=lambda one: (one["spdxElementId"], one["relatedSpdxElement"]))


def _image(subject: Subject, document: Any) -> dict[str, Any]:
    algorithm, _, value = subject.digest.partition(":")
    where, _, name = subject.repository.rpartition("/")
    roots = _roots(document)
    seen = next((_purl(one) for one in document["packages"] if one["SPDXID"] in roots), "")
    more = {**dict(parse_qsl(seen.partition("?")[2])), "repository_url": f"{where}/{name}"}
    if subject.platform:
        more["arch"] = subject.platform.split("/")[1]
    qualifiers = "&".join(f"{key}={quote(value, safe='/:')}" for key, value in sorted(more.items()))
    locator = f"pkg:oci/{name}@{quote(subject.digest, safe='')}?{qualifiers}"
    return {
        "SPDXID": _IMAGE,
        "name": subject.repository,
        "versionInfo": subject.digest,
        "checksums": [{"algorithm": algorithm.upper(), "checksumValue": value}],
        "primaryPackagePurpose": "CONTAINER",
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}
        ],
        "filesAnalyzed": False,
        **dict.fromkeys(("supplier", "downloadLocation", "licenseConcluded", "licenseDeclared"), "NOASSERTION"),
        "copyrightText": "NOASSERTION",
    }


def _kind(package: dict[str, Any]) -> str:
    """Return what a package is one of by its purl: npm, golang, deb; empty if it has none."""
    match = re.match("pkg:([^/]+)/", _purl(package))
    return match[1] if match else ""


def _purl(package: dict[str, Any]) -> str:
    references = package.get("externalRefs") or ()
    return next((str(one["referenceLocator"]) for one in references if one["referenceType"] == "purl"), "")


def _related(one: str, how: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": how, "relatedSpdxElement": other}
