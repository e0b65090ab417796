"""The command line of whichever engine the tests run on, in a copy of a module."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import engine

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Answered:
    """What a command line left."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A copy of a module in a repository of its own, and the command line in its folder."""

    module: Path

    def __call__(self, *words: str, said: str = "", env: Mapping[str, str] | None = None) -> Answered:
        done = subprocess.run(
            self.argv(*words), cwd=self.module, env=self.env(env), input=said,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        return Answered(done.returncode, done.stdout, done.stderr)

    def argv(self, *words: str) -> list[str]:
        return [engine.program(), "--progress", "plain", *words]

    def env(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {**os.environ, "NO_COLOR": "1", **(more or {})}


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[str], Caller]:
    """Copies a module of this folder into a repository."""

    def copy(name: str) -> Caller:
        subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
        skipped = shutil.ignore_patterns("sdk", "__pycache__")
        return Caller(Path(shutil.copytree(_HERE / name, tmp_path / name, ignore=skipped)))

    return copy
