"""Small questions to the API, answered as Dagger's engine 0.21.8 answered them.

`probes/probes.py` asks, `probes/answers.json` holds what Dagger's engine said, and `probes/ours.toml` what is
different here, with the reason. A probe that is in that table and gives Dagger's answer all the same fails too: the
table holds what is true.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("local_only")]
HERE = Path(__file__).parent / "probes"
ANSWERS: dict[str, Any] = json.loads((HERE / "answers.json").read_text())
OURS: dict[str, Any] = tomllib.loads((HERE / "ours.toml").read_text())
WORDS: set[str] = set(OURS["words"]["probes"])
DIFFERENT: dict[str, str] = {name: each["reason"] for each in OURS["different"] for name in each["probes"]}
UNSTEADY: dict[str, str] = {name: each["reason"] for each in OURS["unsteady"] for name in each["probes"]}
_NAMES = (
    (r"\b[a-z2-7]{13}(?=:\d| \()", "SERVICE"),
    ("git://probe-git/", "git://HOST/"),
    (r"@sha256:[0-9a-f]{64}", "@sha256:DIGEST"),
)


@pytest.fixture(scope="module")
def said(program: Path, session_state: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What this engine answers, all asked in one session."""
    out = tmp_path_factory.mktemp("probes") / "said.json"
    env = {**os.environ, "DAGGER_LOCAL_STATE": str(session_state)}
    session = subprocess.Popen([program, "session"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with session:
        assert session.stdin
        assert session.stdout
        where = json.loads(session.stdout.readline())
        env |= {"DAGGER_SESSION_PORT": str(where["port"]), "DAGGER_SESSION_TOKEN": where["session_token"]}
        subprocess.run([sys.executable, HERE / "probes.py", out], env=env, check=True, cwd=out.parent)
        session.stdin.close()
    return dict(json.loads(out.read_text()))


@pytest.mark.parametrize("probe", sorted(ANSWERS))
def test_a_probe_gives_daggers_answer(probe: str, said: dict[str, Any]) -> None:
    if probe in UNSTEADY:
        pytest.skip(UNSTEADY[probe])
    ours, theirs = named(said[probe]), named(ANSWERS[probe])

    if probe in DIFFERENT:
        assert ours != theirs, f"this is Dagger's answer now; take it out of ours.toml ({DIFFERENT[probe]})"
    elif probe in WORDS:
        assert without_words(ours) == without_words(theirs)
    else:
        assert ours == theirs


def test_the_table_is_about_probes_that_there_are() -> None:
    tables = [WORDS, set(DIFFERENT), set(UNSTEADY)]

    assert set.union(*tables) <= set(ANSWERS)
    assert sum(map(len, tables)) == len(set.union(*tables))


def named(value: Any) -> Any:
    """Take out of an answer what each run names anew."""
    match value:
        case str():
            for pattern, name in _NAMES:
                value = re.sub(pattern, name, value)
            return value
        case list():
            return [named(item) for item in value]
        case dict():
            return {key: named(item) for key, item in value.items()}
        case _:
            return value


def without_words(value: Any) -> Any:
    """Keep of errors only that they are errors; of a failed command, how it ended and what it printed."""
    match value:
        case {"error": str()}:
            return "an error"
        case {"exec error": int()}:
            return {key: item for key, item in value.items() if key != "message"}
        case {"errors": [*errors], **rest}:
            return {"errors": bool(errors), **rest}
        case dict():
            return {key: without_words(item) for key, item in value.items()}
        case list():
            return [without_words(item) for item in value]
        case _:
            return value
