"""What grype found: the samples are its reports on the SBOMs of tests/unit/materials, by a database of 3 records."""

import json
from pathlib import Path

import pytest

from pipeline.materials import Unreadable
from pipeline.vulnerabilities.findings import Vulnerability, vulnerabilities, without

SAMPLES = Path(__file__).parent / "samples"


def sample(version: str) -> list[Vulnerability]:
    return vulnerabilities((SAMPLES / f"{version}.grype.json").read_text())


def test_vulnerabilities_are_told_the_worst_first_with_what_mends_them() -> None:
    assert [(one.severity, one.id, one.package, one.version, one.fixed) for one in sample("v1.0.0")] == [
        ("critical", "CVE-2024-5535", "libssl3", "3.0.13-1~deb12u1", "3.0.15-1~deb12u1"),
        ("critical", "CVE-2024-5535", "openssl", "3.0.13-1~deb12u1", "3.0.15-1~deb12u1"),
        ("high", "GHSA-aaaa-bbbb-cccc", "golang.org/x/text", "v0.28.0", "0.29.0"),
        ("low", "CVE-2024-0001", "libssl3", "3.0.13-1~deb12u1", "3.0.99-1~deb12u1"),
        ("low", "CVE-2024-0001", "openssl", "3.0.13-1~deb12u1", "3.0.99-1~deb12u1"),
    ]


def test_what_another_version_of_a_package_still_has_is_not_mended_by_it() -> None:
    mended = without(sample("v1.0.0"), sample("v1.1.0"))
    assert [one.package for one in mended] == ["libssl3", "openssl", "golang.org/x/text"]
    assert without(sample("v1.1.0"), sample("v1.0.0")) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", '{"matches": 1}', "[" * 100_000])
def test_what_is_no_report_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable):
        vulnerabilities(text)


def test_odd_parts_do_no_harm() -> None:
    odd = [7, {}, {"vulnerability": 1}, {"vulnerability": {"severity": "<b>", "fix": 1}, "artifact": []}]
    found = vulnerabilities(json.dumps({"matches": [*odd, {"vulnerability": {"fix": {"versions": 1}}}]}))
    assert found == [Vulnerability("", "unknown", "", "", "", "")]
