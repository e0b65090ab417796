"""The packages of an image, as an SBOM in SPDX 2.3 lists them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

_UNSAID = ("", "NONE", "NOASSERTION")
_NO_PACKAGE = ("CONTAINER", "FILE", "OPERATING-SYSTEM")  # what the document is about, not what is in it


class Unreadable(ValueError):
    """A document that is not what it should be; the message says what it is instead."""


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package: `identity` is its purl up to the version, `type` the purl's, such as deb, golang or npm.

    Without a purl, the identity is its name, and the type is empty.
    """

    name: str
    version: str
    type: str
    licence: str
    identity: str


def packages(document: str) -> list[Package]:
    """Return the packages that an SBOM lists, by name, each once.

    Raises:
        Unreadable: it is no SPDX 2.
    """
    sbom = mapping(document)
    if not str(sbom.get("spdxVersion", "")).startswith("SPDX-2."):
        msg = "it is no SPDX 2 document in JSON"
        raise Unreadable(msg)
    about = {
        str(each.get("relatedSpdxElement"))
        for each in mappings(sbom.get("relationships"))
        if each.get("relationshipType") == "DESCRIBES"
    }
    listed = mappings(sbom.get("packages"))
    return merged([_package(each) for each in listed if _is_inside(each, about)])


def merged(*lists: Iterable[Package]) -> list[Package]:
    """Return the packages of several lists by name, each once: platforms of an image have much the same."""
    found = {(package.identity, package.version): package for each in lists for package in each}
    return sorted(found.values(), key=lambda package: (package.name.lower(), package))


def mapping(document: str) -> Mapping[str, Any]:
    """Return a JSON object.

    Raises:
        Unreadable: it is none.
    """
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        msg = "it is no JSON object"
        raise Unreadable(msg)
    return found


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """Return what is an object in a list; nothing of what is no list."""
    yield from (each for each in (value if isinstance(value, list) else []) if isinstance(each, dict))


def _is_inside(entry: Mapping[str, Any], about: set[str]) -> bool:
    return entry.get("SPDXID") not in about and entry.get("primaryPackagePurpose") not in _NO_PACKAGE


def _package(entry: Mapping[str, Any]) -> Package:
    name = str(entry.get("name", ""))
    purl = next(
        (
            str(reference.get("referenceLocator", ""))
            for reference in mappings(entry.get("externalRefs"))
            if reference.get("referenceType") == "purl"
        ),
        "",
    )
    identity, version = purl_parts(purl)
    licences = (str(entry.get(key, "")) for key in ("licenseConcluded", "licenseDeclared"))
    return Package(
        name,
        str(entry.get("versionInfo") or version),
        identity.partition("/")[0].removeprefix("pkg:"),
        next((licence for licence in licences if licence not in _UNSAID), ""),
        identity or name,
    )


def purl_parts(purl: str) -> tuple[str, str]:
    """Return what a package URL says up to the version, and the version; both are empty if it is none.

    What is behind `?` and `#`, such as the architecture, does not tell packages apart here.
    """
    if not purl.startswith("pkg:"):
        return "", ""
    bare = purl.partition("#")[0].partition("?")[0]
    identity, at, version = bare.rpartition("@")
    return unquote(identity if at else bare), unquote(version if at else "")
