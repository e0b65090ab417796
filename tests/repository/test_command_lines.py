"""The contract of the command line: no workflow and no document has a line that dagger would not take."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support import engine
from support.command_lines import of_document, of_workflow

ROOT = Path(__file__).parents[2]
READER = ROOT / "tests/pipeline/support/line_reader.py"
WORKFLOWS = sorted((ROOT / ".github").rglob("*.y*ml"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

pytestmark = pytest.mark.engine


def read(lines: list[list[str]]) -> list[str]:
    """Return what is wrong with each line; one session reads them all against the module as it is."""
    done = subprocess.run(
        [sys.executable, READER], cwd=ROOT, input="".join(f"{json.dumps(line)}\n" for line in lines),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [json.loads(answer) for answer in done.stdout.splitlines()]


@pytest.mark.skipif(engine.DAGGER, reason="dagger reads a line only to run it")
def test_every_command_line_in_workflows_and_documents_is_one_that_the_module_takes() -> None:
    lines = [
        *((path, line) for path in WORKFLOWS for line in of_workflow(path)),
        *((path, line) for path in DOCUMENTS for line in of_document(path)),
    ]
    wrong = [["call", "promote", "--version", "v1.2.3", "--target-environment", "stg"], ["check", "nothing-such"]]
    *found, flag, check = read([*(line for _, line in lines), *wrong])

    assert len([path for path, line in lines if line[:1] == ["call"]]) > 20, "they are found at all"
    assert "--target-environment" in flag
    assert "nothing-such" in check
    assert [
        f"{path.relative_to(ROOT)}: dagger {' '.join(line)}: {problem}"
        for (path, line), problem in zip(lines, found, strict=True)
        if problem
    ] == []
