"""How vulnerabilities are reported: what stg mends that prod still has."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.surface import Format
from pipeline.vulnerabilities.database import Database
from pipeline.vulnerabilities.model import Image, NotKnown, Scan
from pipeline.vulnerabilities.report import vulnerability_report

from .test_findings import sample

STG = Image("stg", "api", "v1.1.0", "r/stg-api@sha256:b", sample("v1.1.0"))
PROD = Image("prod", "api", "v1.0.0", "r/prod-api@sha256:a", sample("v1.0.0"))
BARE = [Image(name, "web", "v1.0.0", f"r/{name}-web", problem="no SBOM is attached") for name in ("stg", "prod")]
FRESH = Database(datetime(2026, 11, 20, 6, tzinfo=UTC), timedelta(hours=3))
BEFORE = {"dev": "", "stg": "dev", "prod": "stg"}
SCAN = Scan([STG, BARE[0], PROD, BARE[1]], FRESH)


def test_environments_are_compared_and_what_is_not_known_is_one_line() -> None:
    text = vulnerability_report(SCAN, BEFORE, Format.TEXT)
    assert text.splitlines() == [
        "ENVIRONMENT  SERVICE  VERSION  CRITICAL  HIGH  MEDIUM  LOW  NEGLIGIBLE  UNKNOWN",
        "stg          api      v1.1.0   0         0     0       2    0           0",
        "stg          web      v1.0.0   ?         ?     ?       ?    ?           ?",
        "prod         api      v1.0.0   2         1     0       2    0           0",
        "prod         web      v1.0.0   ?         ?     ?       ?    ?           ?",
        "",
        "? web in stg, web in prod: no SBOM is attached",
        "database of 2026-11-20 06:00 UTC, 3 h old",
        "",
        "api: stg mends what prod has",
        "  critical CVE-2024-5535: libssl3 3.0.13-1~deb12u1, fixed in 3.0.15-1~deb12u1",
        "  critical CVE-2024-5535: openssl 3.0.13-1~deb12u1, fixed in 3.0.15-1~deb12u1",
        "  high GHSA-aaaa-bbbb-cccc: golang.org/x/text v0.28.0, fixed in 0.29.0",
    ]
    markdown = vulnerability_report(SCAN, BEFORE, Format.MARKDOWN)
    assert "| prod | api | v1.0.0 | 2 | 1 | 0 | 2 | 0 | 0 |\n" in markdown
    assert (
        "\n\n### api: stg mends what prod has\n\n- critical `CVE-2024-5535`: `libssl3 3.0.13-1~deb12u1`, " in markdown
    )


def test_what_a_promotion_would_bring_is_told_as_well() -> None:
    swapped = Scan([Image("stg", "api", "v2.0.0", "r", sample("v1.0.0")), Image("prod", "api", "v1", "r")], FRESH)
    assert "\n\napi: stg has what prod has not\n  critical CVE-2024-5535" in vulnerability_report(
        swapped, BEFORE, Format.TEXT
    )


def test_of_one_environment_everything_is_listed() -> None:
    text = vulnerability_report(Scan([PROD], FRESH), {"prod": "stg"}, Format.TEXT)
    assert "\n\napi in prod\n  critical CVE-2024-5535" in text
    assert "\n  low CVE-2024-0001: openssl" in text
    many = Scan([Image("prod", "api", "v1", "r", sample("v1.0.0") * 20)], FRESH)
    assert vulnerability_report(many, BEFORE, Format.TEXT).endswith("\n  … and 50 more: --format json has all")


def test_machines_get_everything() -> None:
    report = json.loads(vulnerability_report(SCAN, BEFORE, Format.JSON))
    assert report["database"] == {"built": "2026-11-20T06:00:00+00:00", "problem": None}
    stg, prod = report["environments"]
    assert [len(stg["services"][0]["vulnerabilities"]), len(prod["services"][0]["vulnerabilities"])] == [2, 5]
    assert stg["services"][1] == {"service": "web", "version": "v1.0.0", "image": "r/stg-web",
                                  "problem": "no SBOM is attached"}  # fmt: skip
    (promotion,) = report["promotions"]
    assert (promotion["from"], promotion["to"], len(promotion["mended"]), promotion["brought"]) == (
        "stg",
        "prod",
        3,
        [],
    )
    assert promotion["mended"][2] == {"id": "GHSA-aaaa-bbbb-cccc", "severity": "high", "package": "golang.org/x/text",
                                      "version": "v0.28.0", "type": "go-module", "fixed": "0.29.0"}  # fmt: skip


def test_strictly_everything_has_to_be_known_by_a_fresh_database() -> None:
    Scan([STG, PROD], FRESH).require_known()
    with pytest.raises(NotKnown, match="web in prod: no SBOM is attached"):
        SCAN.require_known()
    with pytest.raises(NotKnown, match="database of 2026-11-20 06:00 UTC, 3 h old: it could not be updated: offline"):
        Scan([STG], Database(FRESH.built, FRESH.age, "it could not be updated: offline")).require_known()
    with pytest.raises(NotKnown, match="no database: offline"):
        Scan([STG], Database(problem="offline")).require_known()
