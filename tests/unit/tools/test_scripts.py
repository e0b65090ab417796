"""The scripts that run in the tools' container, run here."""

import subprocess
from pathlib import Path

import pipeline.tools

_SCRIPTS = Path(pipeline.tools.__file__).parent / "scripts"


def while_moving(*command: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    line = ["sh", str(_SCRIPTS / "while-moving"), "60", *command]
    return subprocess.run(line, input=stdin, capture_output=True, text=True, check=False)


def test_a_command_that_is_watched_reads_prints_and_ends_as_by_itself() -> None:
    done = while_moving("sh", "-c", "cat; echo said >&2; exit 3", stdin="given\n")
    assert (done.returncode, done.stdout, done.stderr) == (3, "given\n", "said\n")


def test_a_command_that_a_signal_ended_is_run_once_more_and_no_code_is_one_that_raises(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    done = while_moving("sh", "-c", f"echo run >> {runs}; kill -TERM $$")
    assert done.returncode == 124
    assert runs.read_text().splitlines() == ["run", "run"]
