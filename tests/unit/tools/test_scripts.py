"""The scripts that run in the tools' container, run here."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

import pipeline.tools
from pipeline.referrers.listing import answers

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


def patient(tmp_path: Path, script: str, *, seconds: int = 9) -> "subprocess.CompletedProcess[str]":
    """Run a command patiently that counts its runs in a file."""
    command = tmp_path / "command"
    command.write_text(f"#!/bin/sh\necho run >> {tmp_path}/runs\nruns=$(wc -l < {tmp_path}/runs)\n{script}")
    command.chmod(0o755)
    line = ["sh", str(_SCRIPTS / "patient"), str(seconds), str(command)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def runs(tmp_path: Path) -> int:
    return len((tmp_path / "runs").read_text().splitlines())


def test_git_waits_as_long_as_a_server_asks_and_tries_again(tmp_path: Path) -> None:
    busy = (
        "[ $runs -gt 1 ] && echo done && exit\n"
        'echo "<= Recv header: retry-after: 2" >> "$GIT_TRACE_CURL"\n'
        'echo "fatal: unable to access: The requested URL returned error: 429" >&2; exit 128'
    )
    started = time.monotonic()
    done = patient(tmp_path, busy)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
    assert 2 <= time.monotonic() - started < 9
    assert runs(tmp_path) == 2


def test_crane_shows_what_a_registry_asks_and_nothing_else_of_what_was_sent(tmp_path: Path) -> None:
    busy = (
        'echo "2026/11/25 10:00:00 pushed blob: sha256:1" >&2\n'
        "[ $runs -gt 2 ] && exit\n"
        '[ -z "$VERBOSE" ] || printf "2026/11/25 10:00:00 <-- 503 https://r/v2/\\nRetry-After: 60\\n{}\\n" >&2\n'
        'echo "Error: GET https://r/v2/: unexpected status code 503 Service Unavailable" >&2; exit 1'
    )
    done = patient(tmp_path, busy)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "2026/11/25 10:00:00 pushed blob: sha256:1",
        "Error: GET https://r/v2/: unexpected status code 503 Service Unavailable",
        "waiting for the server would take 60 s more",
    ]
    assert runs(tmp_path) == 2  # a minute is more than it may wait: it does not


def test_a_server_that_says_nothing_is_asked_twice_and_a_refusal_is_taken_at_once(tmp_path: Path) -> None:
    done = patient(tmp_path, 'echo "fatal: Operation too slow: $GIT_HTTP_LOW_SPEED_TIME" >&2; exit 128')
    assert (done.returncode, runs(tmp_path)) == (128, 2)
    (tmp_path / "runs").unlink()
    done = patient(tmp_path, 'echo "fatal: The requested URL returned error: 403" >&2; exit 128')
    assert (done.returncode, runs(tmp_path)) == (128, 1)
    assert done.stderr == "fatal: The requested URL returned error: 403\n"


@pytest.mark.parametrize(
    ("script", "code", "out", "err"),
    [
        ("echo sha256:1", 0, "r/a:v1 sha256:1\n", ""),
        (
            "echo 'Error: GET https://r/v2/a/manifests/v1: MANIFEST_UNKNOWN: manifest unknown' >&2; exit 1",
            0,
            "r/a:v1 missing GET https://r/v2/a/manifests/v1: MANIFEST_UNKNOWN: manifest unknown\n",
            "",
        ),
        (
            "echo 'Error: GET https://r/v2/: UNAUTHORIZED: who are you' >&2; exit 1",
            1,
            "",
            "Error: GET https://r/v2/: UNAUTHORIZED: who are you\n",
        ),
    ],
)
def test_an_image_that_a_registry_lacks_is_an_answer_and_no_error(
    tmp_path: Path, script: str, code: int, out: str, err: str
) -> None:
    crane = tmp_path / "crane"
    crane.write_text(f"#!/bin/sh\n{script}\n")
    crane.chmod(0o755)
    line = ["sh", str(_SCRIPTS / "digest-of"), "r/a:v1"]
    env = {"PATH": f"{tmp_path}:{os.defpath}"}
    done = subprocess.run(line, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


def test_several_that_tell_what_refers_to_an_image_do_not_mix_what_they_say(tmp_path: Path) -> None:
    digests = [f"sha256:{number:064d}" for number in range(8)]
    programs = {
        # oras tells of one referrer, in more than what is written at one go; crane of its manifest.
        "oras": """digest=${5##*@}; printf '{"mediaType": "m", "digest": "%s",' "$digest"
            printf '"referrers": [{"digest": "sha256:%064d"}], "padding": "%09000d"}' 99 0""",
        "crane": 'printf \'{"of": "%s"}\' "$2"',
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{_SCRIPTS}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    line = ["xargs", "-P", "8", "-n", "2", "sh", str(_SCRIPTS / "referrers-of")]
    words = "\n".join(f"registry.local/a @{digest}" for digest in digests)
    done = subprocess.run(line, input=words, env=environment, capture_output=True, text=True, check=True)
    said = answers(done.stdout.splitlines())
    assert set(said) == {f"registry.local/a@{digest}" for digest in digests}
    for reference, answer in said.items():
        assert json.loads(answer["tree"])["digest"] == reference.partition("@")[2]
        assert len(answer) == 2
