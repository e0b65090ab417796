"""How two images differ."""

from pipeline.materials.difference import Difference, PackageChange, changes
from pipeline.materials.packages import Package

from .test_packages import sample


def npm(name: str, version: str) -> Package:
    return Package(name, version, "npm", "", f"pkg:npm/{name}")


def test_a_version_that_changed_is_told_and_nothing_of_what_stayed() -> None:
    assert changes(sample("v1.0.0"), sample("v1.1.0")) == [
        PackageChange("golang.org/x/text", "golang", "v0.28.0", "v0.29.0"),
        PackageChange("libssl3", "deb", "3.0.13-1~deb12u1", "3.0.15-1~deb12u1"),
        PackageChange("openssl", "deb", "3.0.13-1~deb12u1", "3.0.15-1~deb12u1"),
    ]
    assert changes(sample("v1.0.0"), sample("v1.0.0")) == []


def test_packages_come_go_and_change_apart() -> None:
    found = Difference(changes([npm("b", "1"), npm("c", "1")], [npm("a", "2"), npm("c", "2")]))
    assert found.come == [PackageChange("a", "npm", "", "2")]
    assert found.go == [PackageChange("b", "npm", "1", "")]
    assert found.differ == [PackageChange("c", "npm", "1", "2")]


def test_of_several_versions_of_a_package_those_that_stay_are_left_out() -> None:
    old = [npm("semver", "5.7.2"), npm("semver", "6.3.1"), npm("semver", "7.6.0")]
    assert changes(old, [npm("semver", "5.7.2"), npm("semver", "7.7.1")]) == [
        PackageChange("semver", "npm", "6.3.1, 7.6.0", "7.7.1")
    ]
    assert changes(old[:1], old[:2]) == [PackageChange("semver", "npm", "", "6.3.1")]


def test_packages_of_one_name_and_several_kinds_are_no_change_of_each_other() -> None:
    deb = Package("semver", "1", "deb", "", "pkg:deb/debian/semver")
    assert changes([deb], [npm("semver", "1")]) == [
        PackageChange("semver", "deb", "1", ""),
        PackageChange("semver", "npm", "", "1"),
    ]


def test_a_version_that_is_not_said_is_no_package_that_comes() -> None:
    assert changes([npm("a", "")], [npm("a", "1")]) == [PackageChange("a", "npm", "unversioned", "1")]
