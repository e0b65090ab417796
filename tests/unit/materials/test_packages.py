"""Which packages an SBOM lists: the samples are what syft made of two images, without CPEs and shortened in nothing."""

import json
from pathlib import Path

import pytest

from pipeline.materials.packages import Package, Unreadable, merged, packages, purl_parts

SAMPLES = Path(__file__).parent / "samples"


def sample(version: str) -> list[Package]:
    return packages((SAMPLES / f"{version}.spdx.json").read_text())


def test_packages_are_told_by_name_with_version_type_and_licence_but_not_the_image_itself() -> None:
    assert [(one.name, one.version, one.type, one.licence) for one in sample("v1.0.0")] == [
        ("example.com/shop/backend", "(devel)", "golang", ""),
        ("golang.org/x/text", "v0.28.0", "golang", ""),
        ("left-pad", "1.3.0", "npm", "WTFPL"),
        ("libssl3", "3.0.13-1~deb12u1", "deb", ""),
        ("openssl", "3.0.13-1~deb12u1", "deb", ""),
        ("stdlib", "go1.26.8", "golang", "BSD-3-Clause"),
    ]


@pytest.mark.parametrize(
    ("purl", "parts"),
    [
        ("pkg:deb/debian/openssl@3.0.13-1?arch=amd64&distro=debian-12", ("pkg:deb/debian/openssl", "3.0.13-1")),
        ("pkg:npm/%40babel/core@7.27.1", ("pkg:npm/@babel/core", "7.27.1")),
        ("pkg:deb/debian/libc6@1%3A2.41", ("pkg:deb/debian/libc6", "1:2.41")),
        ("pkg:golang/github.com/a/b@v1.0.0#sub/dir", ("pkg:golang/github.com/a/b", "v1.0.0")),
        ("pkg:generic/busybox", ("pkg:generic/busybox", "")),
        ("cpe:2.3:a:x", ("", "")),
    ],
)  # fmt: skip
def test_a_package_url_is_taken_apart(purl: str, parts: tuple[str, str]) -> None:
    assert purl_parts(purl) == parts


def test_a_package_of_several_platforms_is_told_once() -> None:
    assert merged(sample("v1.0.0"), sample("v1.0.0")) == sample("v1.0.0")
    assert [one.version for one in merged(sample("v1.1.0"), sample("v1.0.0")) if one.name == "openssl"] == [
        "3.0.13-1~deb12u1",
        "3.0.15-1~deb12u1",
    ]


def test_what_has_no_package_url_counts_by_its_name() -> None:
    found = packages(json.dumps({"spdxVersion": "SPDX-2.3", "packages": [{"name": "libz", "versionInfo": "1.3"}, 7]}))
    assert found == [Package("libz", "1.3", "", "", "libz")]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"spdxVersion": "SPDX-3.0"}', "[" * 100_000, '{"bomFormat": "CycloneDX"}']
)
def test_what_is_no_sbom_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable):
        packages(text)


@pytest.mark.parametrize("part", ["packages", "relationships"])
@pytest.mark.parametrize("value", [None, 1, "x", {}, [1], [[]], [{}], [{"externalRefs": 1}]])
def test_a_part_that_is_odd_does_no_harm(part: str, value: object) -> None:
    packages(json.dumps({"spdxVersion": "SPDX-2.3", part: value}))
