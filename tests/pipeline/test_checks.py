"""The checks: one fault at a time turns exactly one of them red, and what it says can be acted on."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import engine
from support.calls import Caller
from support.workspace import Workspace

# All but scan:vulnerabilities, whose database is in a registry.
CHECKS = ("lint", "manifests", "scan:dockerfiles", "scan:secrets", "test", "workflows")
_PACKAGE = {
    "name": "frontend", "version": "1.0.0", "scripts": {"lint": "node lint.mjs", "test": "node --test"},
}  # fmt: skip
_LINT = """\
import { readFileSync } from "node:fs";
if (readFileSync("page.mjs", "utf8").includes("var ")) {
  console.error("page.mjs: var is not for today");
  process.exit(1);
}
"""
_TEST = """\
import { equal } from "node:assert";
import { test } from "node:test";
import { sum } from "./page.mjs";
test("sums", () => equal(sum(1, 2), 3));
"""
_TARGETS = """\
FROM alpine:3.22.2 AS test
COPY content /content
RUN grep backend /content

FROM scratch
COPY --from=test /content /content
"""
_WORKFLOW = """\
name: greet
on: workflow_dispatch
permissions: {}
concurrency:
  group: greet
  cancel-in-progress: true
jobs:
  greet:
    name: Greet
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: echo "$TITLE"
        env:
          TITLE: ${{ github.event.pull_request.title }}
"""


@pytest.fixture(scope="module")
def checkout(new_workspace: Callable[..., Workspace]) -> Path:
    """A repository that passes: one service by Node.js, the other by a target of its Dockerfile."""
    workspace = new_workspace()
    path, frontend, backend = workspace.path, *(workspace.path / "services" / name for name in ("frontend", "backend"))
    lock = {"name": "frontend", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "frontend"}}}
    (frontend / "package.json").write_text(json.dumps(_PACKAGE))
    (frontend / "package-lock.json").write_text(json.dumps(lock))
    (frontend / "lint.mjs").write_text(_LINT)
    (frontend / "page.mjs").write_text("export const sum = (a, b) => a + b;\n")
    (frontend / "page.test.mjs").write_text(_TEST)
    (backend / "Dockerfile").write_text(_TARGETS)
    (path / ".github/workflows").mkdir(parents=True)
    (path / ".github/workflows/greet.yaml").write_text(_WORKFLOW)
    for overlay in path.glob("manifests/*/overlays/*/kustomization.yaml"):
        overlay.write_text(overlay.read_text().replace("-myapp-", f"-{workspace.project}-"))
    description = path / "pipeline.yaml"
    known = "context: services/backend}"
    assert known in description.read_text()
    description.write_text(
        description.read_text().replace(known, "context: services/backend, checks: [{target: test}]}")
    )
    return path


def _red(path: Path) -> dict[str, str]:
    """Run the checks; return what those that fail say."""
    if engine.DAGGER:  # `dagger check` shows its results as progress only
        calls = {name: Caller(path, (), {})(*name.split(":")) for name in CHECKS}
        return {name: called.error for name, called in calls.items() if called.code}
    line = [engine.program(), "check", *CHECKS]
    done = subprocess.run(line, cwd=path, capture_output=True, text=True, timeout=600, check=False)
    verdicts, *said = done.stdout.split("\n\n")
    rows = dict(row.split() for row in verdicts.splitlines())
    assert sorted(rows) == sorted(CHECKS), done.stdout + done.stderr
    failed = [name for name, verdict in rows.items() if verdict == "failed"]
    assert done.returncode == bool(failed)
    return {name: next(text for text in said if text.startswith(f"{name} failed:")) for name in failed}


_KEY = "AKIA" + "QYLPMN5HHHFPZAM2"  # in one piece it would be a finding of this repository's own check
_FAULTS = [
    ("lint", [("services/frontend/page.mjs", "export", "var x = 1; export")], ["page.mjs: var is not for today"]),
    (
        "test",
        [("services/frontend/page.mjs", "a + b", "a - b"), ("services/backend/content", "backend", "nothing")],
        ["frontend: npm run test failed:", "-1 == 3", "backend: target test failed:"],
    ),
    ("manifests", [("manifests/backend/overlays/stg/kustomization.yaml", "/stg-", "/dev-")], ["backend/overlays/stg"]),
    ("scan:secrets", [("services/backend/content", "\n", f" {_KEY}\n")], ["backend/content:1: aws-access-token"]),
    ("scan:dockerfiles", [("services/backend/Dockerfile", "RUN grep", "RUN cd / && grep")], ["Dockerfile:3 DL3003"]),
    (
        "workflows",
        [(".github/workflows/greet.yaml", "$TITLE", "${{ github.event.pull_request.title }}")],
        ["actionlint failed:", "greet.yaml:13:24", "template-injection"],
    ),
]


def test_each_fault_turns_exactly_one_check_red_with_a_readable_finding(checkout: Path) -> None:
    assert _red(checkout) == {}
    for check, edits, findings in _FAULTS:
        good = {checkout / name: (checkout / name).read_text() for name, _, _ in edits}
        for name, old, new in edits:
            assert old in good[checkout / name]
            (checkout / name).write_text(good[checkout / name].replace(old, new, 1))
        red = _red(checkout)
        assert list(red) == [check], red
        assert [finding for finding in findings if finding not in red[check]] == [], red[check]
        for path, text in good.items():
            path.write_text(text)


def test_what_cannot_run_is_named_with_the_reason_and_does_not_pass(checkout: Path) -> None:
    description = checkout / "pipeline.yaml"
    good = description.read_text()
    tools = good.partition("tools: ")[2]
    description.write_text(good.replace(f"tools: {tools}", "tools: {gitleaks: localhost:1/none:v1}\n"))
    red = Caller(checkout, (), {})("scan", "secrets").error
    description.write_text(good)
    assert red.startswith("NotRun: gitleaks was not run: ")
    assert "localhost:1" in red


_GO = {
    "go.mod": "module api\n\ngo 1.24\n",
    "sum.go": "package api\n\nfunc Sum(a, b int) int { return a + b }\n",
    "sum_test.go": 'package api\n\nimport "testing"\n\nfunc TestSum(t *testing.T) {\n'
    '\tif got := Sum(1, 2); got != 3 {\n\t\tt.Errorf("Sum(1, 2) = %d", got)\n\t}\n}\n',
}
_PYTHON = {
    "pyproject.toml": '[project]\nname = "tool"\nversion = "1.0.0"\nrequires-python = ">=3.11"\n'
    "[tool.uv]\npackage = false\n[tool.pytest.ini_options]\npythonpath = ['.']\n",
    "adding.py": '"""Adds."""\n\n\ndef total(a: int, b: int) -> int:\n    return a + b\n',
    "test_adding.py": "from adding import total\n\n\ndef test_total() -> None:\n    assert total(1, 2) == 3\n",
}


def test_go_and_python_are_checked_with_their_own_tools(new_workspace: Callable[..., Workspace]) -> None:
    path = new_workspace(services=("api", "tool")).path
    for service, files in {"api": _GO, "tool": _PYTHON}.items():
        for name, text in files.items():
            (path / "services" / service / name).write_text(text)
    call = Caller(path, (), {})
    passed = call("test").stdout
    assert re.search(
        r"^api: go test -race passed:\n  ok api [\d.]+s coverage: 100.0% of statements$", passed, re.MULTILINE
    )
    assert re.search(r"^tool: pytest passed:\n  .*1 passed", passed, re.MULTILINE)
    assert "tool: ruff check passed" in call("lint", "--services", "tool").stdout

    (path / "services/api/sum.go").write_text(_GO["sum.go"].replace("a + b", "a - b"))
    (path / "services/tool/adding.py").write_text(f"import os\n{_PYTHON['adding.py'].replace('a + b', 'a - b')}")
    failed = call("test").error
    assert "api: go test -race failed:" in failed
    assert "Sum(1, 2) = -1" in failed
    assert "tool: pytest failed:" in failed
    assert "assert -1 == 3" in failed
    assert "F401" in call("lint", "--services", "tool").error
