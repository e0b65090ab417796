"""What came of a check is told in the tools' own words; what did not run never passes."""

import json

import pytest

from pipeline.checks.go import result
from pipeline.checks.node import lacks
from pipeline.checks.outcome import CheckFailed, Failed, Missing, NotRun, Outcome, Passed, verdict
from pipeline.checks.secrets import secrets_found
from pipeline.checks.services import recognised
from pipeline.checks.target import is_lint
from pipeline.checks.vulnerabilities import findings
from pipeline.description import Check


def test_a_check_passes_only_if_all_of_it_ran_and_found_nothing() -> None:
    assert verdict([Passed("backend: go test", "ok shop 0.1s coverage: 80%\n"), Passed("frontend: npm run test")]) == (
        "backend: go test passed:\n  ok shop 0.1s coverage: 80%\nfrontend: npm run test passed"
    )
    assert verdict([]) == "there is nothing to check"
    with pytest.raises(NotRun, match=r"^trivy was not run: no such host$"):
        verdict([Passed("gitleaks"), Missing("trivy", "no such host")])


def test_findings_come_first_and_what_did_not_run_is_named_with_them() -> None:
    outcomes: list[Outcome] = [
        Missing("golangci-lint", "no such host"),
        Failed("go vet", "\x1b[31mmain.go:1:2: unused\x1b[0m\n"),
    ]
    with pytest.raises(CheckFailed) as failed:
        verdict(outcomes)
    assert str(failed.value).splitlines() == [
        "go vet failed:", "  main.go:1:2: unused", "golangci-lint was not run: no such host",
    ]  # fmt: skip


def test_findings_without_end_are_cut_and_that_is_said() -> None:
    with pytest.raises(CheckFailed) as failed:
        verdict([Failed("eslint", "\n".join(f"line {number}" for number in range(1000)))])
    assert str(failed.value).splitlines()[-1] == "  … and 920 lines more"


def test_go_tests_are_reported_by_their_coverage_or_their_failures() -> None:
    ok = "ok  \tshop/cart\t1.0s\tcoverage: 85.7% of statements"
    assert result("go test", 0, f"\tshop\t\tcoverage: 0.0% of statements\n{ok}") == Passed(
        "go test", "ok shop/cart 1.0s coverage: 85.7% of statements"
    )
    bad = "--- FAIL: TestSum (0.00s)\n    cart_test.go:7: got 3\nFAIL\tshop/sum\t0.1s\nFAIL"
    assert result("go test", 1, f"{ok}\n{bad}") == Failed("go test", bad)
    assert result("go test", 0, "?   \tshop\t[no test files]") == Missing("go test", "no package has tests")


@pytest.mark.parametrize(
    ("package", "why"),
    [
        ('{"scripts": {"lint": "eslint ."}}', ""),
        ('{"scripts": {"test": "vitest"}}', "package.json has no script lint"),
        ("{}", "package.json has no script lint"),
        ('{"scripts": [1]}', "package.json has no script lint"),
        ("[]", "package.json is no JSON object"),
        ("{", "package.json is no JSON object"),
    ],
)
def test_a_script_that_is_not_there_is_no_pass(package: str, why: str) -> None:
    assert lacks(package, "lint").startswith(why)
    assert bool(lacks(package, "lint")) == bool(why)


def test_a_secret_is_told_by_its_place_and_not_repeated() -> None:
    report = '[{"File": "a/key.ts", "StartLine": 3, "RuleID": "aws-access-token", "Secret": "hush", "Match": "x=hush"}]'
    told = secrets_found(report)
    assert told.startswith("a/key.ts:3: aws-access-token\n")
    assert "hush" not in told
    assert secrets_found("no report") == "no report"


def test_a_vulnerability_is_told_with_its_fix_and_a_misconfiguration_with_its_line() -> None:
    report = {
        "Results": [
            {"Target": "go.mod", "Vulnerabilities": [
                {"VulnerabilityID": "CVE-1", "PkgName": "net", "InstalledVersion": "v0.1.0", "FixedVersion": "0.2.0",
                 "Severity": "HIGH", "Title": "Too much is read"},
                {"VulnerabilityID": "CVE-2", "PkgName": "net", "InstalledVersion": "v0.1.0", "Severity": "CRITICAL"},
            ]},
            {"Target": "deploy.yaml", "Misconfigurations": [
                {"ID": "KSV-0014", "Severity": "HIGH", "Message": "Not read-only", "CauseMetadata": {"StartLine": 9}},
                {"ID": "KSV-0109", "Severity": "HIGH", "Message": "Stores secrets", "CauseMetadata": {}},
            ]},
            {"Target": "clean.yaml"},
        ]
    }  # fmt: skip
    assert findings(json.dumps(report)).splitlines() == [
        "deploy.yaml: KSV-0109 HIGH: Stores secrets",
        "deploy.yaml:9: KSV-0014 HIGH: Not read-only",
        "go.mod: net v0.1.0: CVE-1 HIGH: Too much is read, fixed in 0.2.0",
        "go.mod: net v0.1.0: CVE-2 CRITICAL: untitled, not fixed yet",
    ]
    assert findings("no report") == "no report"


def test_a_service_is_told_by_its_files() -> None:
    assert recognised(["Dockerfile", "go.mod", "main.go"]) == (Check("go"),)
    assert recognised(["package.json", "pyproject.toml"]) == (Check("node"), Check("python"))
    assert recognised(["Dockerfile", "go.mod.txt"]) is None


def test_a_target_is_a_lint_by_its_name() -> None:
    assert [name for name in ("lint", "lint-sql", "linter", "test", "unlint") if is_lint(name)] == ["lint", "lint-sql"]
