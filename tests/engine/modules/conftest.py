"""A module that none of ours knows, called by the command line and by GraphQL."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

_HERE = Path(__file__).parent
_SOURCES = Path(__file__).parents[3] / "engine" / "src"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a command line left."""

    code: int
    out: str
    err: str


Call = Callable[..., Answered]
Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def state(new_state: Callable[[], Path]) -> Path:
    return new_state()


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A copy of the module, to be changed."""
    return Path(shutil.copytree(_HERE / "fixture-module", tmp_path / "notes"))


@pytest.fixture
def call(program: Path, state: Path, module: Path) -> Call:
    """Runs a command line in the module's folder."""

    def run(*words: str, env: Mapping[str, str] | None = None) -> Answered:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DAGGER_")}
        done = subprocess.run(
            [program, "--progress", "plain", *words],
            cwd=module,
            env={**inherited, "DAGGER_LOCAL_STATE": str(state), "NO_COLOR": "1", **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Answered(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="module")
def ask(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks a session that serves the module; returns the answer's data, or raises its first error."""
    module = shutil.copytree(_HERE / "fixture-module", tmp_path_factory.mktemp("served") / "notes")
    with asking(module, state) as query:
        yield query


@contextmanager
def asking(module: Path, state: Path) -> Iterator[Ask]:
    """Serve a module in a session, and give out what asks it."""
    words = [sys.executable, "-P", str(_HERE / "serve.py"), str(module), str(state)]
    process = subprocess.Popen(
        words, env={**os.environ, "PYTHONPATH": str(_SOURCES)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    where = json.loads(process.stdout.readline())
    url, user = f"http://127.0.0.1:{where['port']}/query", (where["session_token"], "")
    with httpx.Client(auth=user, timeout=60) as client:

        def query(text: str, **variables: Any) -> Any:
            body = client.post(url, json={"query": text, "variables": variables}).json()
            if body.get("errors"):
                raise LookupError(body["errors"][0]["message"])
            return body["data"]

        yield query
    process.stdin.close()
    process.stdout.close()
    assert process.wait(30) == 0
