"""How a bill of materials is written."""

import json
import re
from dataclasses import replace

from pipeline.materials.bill import Bill, bill_report
from pipeline.materials.model import Materials
from pipeline.materials.packages import Package
from pipeline.materials.signature import Signature
from pipeline.surface import Format

from .test_model import BASE, WHERE, made
from .test_provenance import GO

SIGNED = Signature("image", "https://github.com/acme/myapp/.github/workflows/build.yaml@refs/tags/v1", "https://issuer")
BILL = Bill("api", "prod", "v1.0.0", WHERE, replace(made("v1.0.0", BASE), signatures=[SIGNED]), "d" * 40)
BARE = Bill("api", "prod", "v1.0.0", WHERE, Materials(problem="no SBOM is attached", is_bare=True), "d" * 40)


def test_people_see_what_it_is_made_of_and_every_package() -> None:
    text = bill_report(BILL, Format.TEXT)
    assert text.splitlines()[:9] == [
        "api in prod: v1.0.0",
        "",
        f"image: {WHERE}",
        f"source: https://github.com/acme/myapp {'c' * 40}",
        "built by: https://github.com/acme/myapp/actions/runs/7",
        f"base image: docker.io/library/golang 1.25@sha256:{GO}",
        f"signature of the image: {SIGNED.by}, says https://issuer",
        "packages: 6 (3 golang, 2 deb, 1 npm)",
        "",
    ]
    assert re.search(r"^left-pad +1\.3\.0 +npm +WTFPL$", text, re.MULTILINE)
    markdown = bill_report(BILL, Format.MARKDOWN)
    assert markdown.startswith(f"## api in prod: v1.0.0\n\n- image: `{WHERE}`\n")
    assert "\n| left-pad | 1.3.0 | npm | WTFPL |\n" in markdown


def test_a_package_is_never_called_by_less_than_its_name_however_wide_the_table_gets() -> None:
    name = f"golang.org/x/{'long' * 30}"
    wide = replace(BILL.materials, packages=[Package(name, "v1.0.0", "golang", "", f"pkg:golang/{name}")])
    assert f"\n{name}  v1.0.0" in bill_report(replace(BILL, materials=wide), Format.TEXT)


def test_whether_one_of_those_signed_who_have_to_is_told() -> None:
    trusted = replace(BILL, trusted=["keys/release.pub", "release.yaml of https://issuer"])
    assert "\nverified: signed by keys/release.pub or release.yaml of https://issuer\n" in bill_report(
        trusted, Format.TEXT
    )
    assert "verified" not in BILL.as_dict()
    refused = replace(trusted, distrust="no signatures found")
    assert "\nverified: no: no signatures found\n" in bill_report(refused, Format.TEXT)
    assert [bill.as_dict()["verified"] for bill in (trusted, refused)] == [True, False]
    assert refused.as_dict()["distrust"] == "no signatures found"


def test_machines_see_the_same() -> None:
    report = json.loads(bill_report(BILL, Format.JSON))
    assert [*report] == ["service", "environment", "version", "image", "digest", "source", "builder", "base_images",
                         "signatures", "packages"]  # fmt: skip
    assert report["source"] == {"repository": "https://github.com/acme/myapp", "commit": "c" * 40}
    assert report["signatures"] == [{"what": "image", "by": SIGNED.by, "issuer": "https://issuer"}]
    assert {"name": "left-pad", "version": "1.3.0", "type": "npm", "licence": "WTFPL"} in report["packages"]


def test_what_is_not_attached_is_said_and_the_commit_is_the_label_s() -> None:
    assert bill_report(BARE, Format.TEXT).splitlines()[3:] == [
        f"source: {'d' * 40}",
        "built by: not said",
        "base images: not said",
        "signatures: none",
        "packages: not known: no SBOM is attached",
    ]
    report = json.loads(bill_report(BARE, Format.JSON))
    assert (report["base_images"], report["packages_unknown"]) == (None, "no SBOM is attached")
    assert report["source"] == {"repository": None, "commit": "d" * 40}
