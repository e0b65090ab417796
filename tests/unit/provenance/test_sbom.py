"""An SBOM lists packages, each once, names the image by its digest, and is the same for the same image."""

import json
from dataclasses import replace
from typing import Any

from pipeline.provenance.sbom import Subject, sbom

SUBJECT = Subject("registry.example.com:5000/shop/dev-web", "sha256:" + "1" * 64, "2026-01-02T03:04:05Z")


def package(name: str, version: str, purl: str = "") -> dict[str, Any]:
    reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
    return {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "versionInfo": version,
        "externalRefs": [
            {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a"},
            *([reference] if purl else []),
        ],
    }


def document(*packages: dict[str, Any], at: str = "2026-11-25T13:22:21Z", more: tuple[dict[str, str], ...] = ()) -> str:
    """Return what syft says: a root that is described, packages in it, and a file."""
    root = package("registry.local:5000/x", "sha256:0", "pkg:oci/registry.local:5000/x@sha256:0?arch=arm64")
    described = {"spdxElementId": "D", "relatedSpdxElement": root["SPDXID"], "relationshipType": "DESCRIBES"}
    return json.dumps({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "registry.local:5000/x",
        "documentNamespace": f"https://anchore.com/syft/image/registry.local-{at}",
        "creationInfo": {"created": at, "creators": ["Tool: syft-1.18.1"]},
        "packages": [*packages, root],
        "files": [{"SPDXID": "SPDXRef-File"}],
        "relationships": [described, *more],
    })  # fmt: skip


ZLIB = package("zlib", "1.3", "pkg:deb/debian/zlib@1.3?arch=amd64")
LIBC = package("libc6", "2.41", "pkg:deb/debian/libc6@2.41")
VUE = package("vue", "3.5.0", "pkg:npm/vue@3.5.0")
PROJECT = package("project", "UNKNOWN", "pkg:npm/project")


def made(found: str, locked: str = "") -> dict[str, Any]:
    result: dict[str, Any] = json.loads(sbom(found, locked, SUBJECT))
    return result


def names(result: dict[str, Any]) -> list[str]:
    return [one["name"] for one in result["packages"][1:]]


def test_the_image_is_named_by_its_digest_and_nothing_by_where_syft_saw_it() -> None:
    result = made(document(ZLIB))
    image = result["packages"][0]
    assert (image["name"], image["versionInfo"]) == (SUBJECT.repository, SUBJECT.digest)
    assert image["checksums"] == [{"algorithm": "SHA256", "checksumValue": "1" * 64}]
    assert image["externalRefs"][0]["referenceLocator"] == (
        f"pkg:oci/dev-web@sha256%3A{'1' * 64}?arch=arm64&repository_url=registry.example.com:5000/shop/dev-web"
    )
    assert {
        "spdxElementId": "SPDXRef-DOCUMENT",
        "relationshipType": "DESCRIBES",
        "relatedSpdxElement": "SPDXRef-image",
    } in (result["relationships"])
    assert "registry.local" not in json.dumps(result)
    assert result["spdxVersion"] == "SPDX-2.3"


def test_the_platform_of_an_image_that_syft_saw_as_files_is_known_from_its_build() -> None:
    root = {"SPDXID": "SPDXRef-DocumentRoot-Directory", "name": "/image"}
    found = json.loads(document(ZLIB))
    found["packages"][-1] = root
    found["relationships"][0]["relatedSpdxElement"] = root["SPDXID"]
    result = json.loads(sbom(json.dumps(found), "", replace(SUBJECT, platform="linux/arm64/v8")))
    assert "?arch=arm64&" in result["packages"][0]["externalRefs"][0]["referenceLocator"]
    assert names(result) == ["zlib"]
    assert "/image" not in json.dumps(result)


def test_packages_are_listed_and_files_are_not() -> None:
    file = {"spdxElementId": "SPDXRef-zlib", "relatedSpdxElement": "SPDXRef-File", "relationshipType": "CONTAINS"}
    needs = {
        "spdxElementId": "SPDXRef-libc6",
        "relatedSpdxElement": "SPDXRef-zlib",
        "relationshipType": "DEPENDENCY_OF",
    }
    result = made(document(ZLIB, LIBC, more=(file, needs)))
    assert names(result) == ["libc6", "zlib"]
    assert "files" not in result
    assert needs in result["relationships"]
    ids = {one["SPDXID"] for one in result["packages"]} | {"SPDXRef-DOCUMENT"}
    assert {one[end] for one in result["relationships"] for end in ("spdxElementId", "relatedSpdxElement")} <= ids


def test_what_a_bundler_took_in_is_taken_from_the_lock_files_and_what_the_image_shows_is_not() -> None:
    golang = package("module", "v1", "pkg:golang/module@v1")
    result = made(document(ZLIB, golang), document(VUE, PROJECT, package("other", "v2", "pkg:golang/other@v2")))
    assert names(result) == ["module", "zlib", "vue"]
    assert {
        "spdxElementId": "SPDXRef-vue",
        "relationshipType": "DEPENDENCY_OF",
        "relatedSpdxElement": "SPDXRef-image",
    } in (result["relationships"])
    assert names(made(document(VUE), document(package("react", "19", "pkg:npm/react@19")))) == ["vue"]
    assert names(made(document(), document(package("nameless", "1")))) == []


def test_the_same_image_gives_the_same_text_whenever_and_in_whatever_order_it_was_looked_at() -> None:
    once = sbom(document(ZLIB, LIBC), document(VUE), SUBJECT)
    assert (
        sbom(document(LIBC, ZLIB, at="2026-12-01T00:00:00Z"), document(VUE, at="2027-01-01T00:00:00Z"), SUBJECT) == once
    )
    assert json.loads(once)["creationInfo"]["created"] == SUBJECT.created
