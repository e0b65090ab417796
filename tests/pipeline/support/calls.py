"""Call the module the way a person does: by the engine's command line."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import engine

# All but scan:vulnerabilities, whose database is in a registry.
CHECKS = ("generated", "lint", "manifests", "scan:dockerfiles", "scan:secrets", "test", "workflows")


@dataclass(frozen=True, slots=True)
class Called:
    """How a call ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """The report, which is all of the standard output."""
        assert self.code == 0, self.stderr
        report: dict[str, Any] = json.loads(self.stdout)
        return report

    @property
    def error(self) -> str:
        """The message, without the progress before it and the trace's number that Dagger puts after it."""
        assert self.code != 0, self.stdout
        assert not self.stdout, self.stdout
        assert "Traceback" not in self.stderr, self.stderr
        return re.sub(r" \[traceparent:[0-9a-f-]+\]$", "", self.stderr.rpartition("\nError: ")[2].strip())


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls the module of a checkout with the same first arguments every time."""

    path: Path
    arguments: tuple[str, ...]
    secrets: dict[str, str]
    git: str = ""  # host and port of a Git server on this machine; none for a remote that is elsewhere
    github: str = ""  # host and port of a GitHub API on this machine; none where the forge is no GitHub

    def start(self, *args: str, **secrets: str) -> "subprocess.Popen[str]":
        """Start a call; secrets are in its environment."""
        service = ["--git-service", f"tcp://{self.git}"] if self.git else []
        if self.github:
            service += ["--github-service", f"tcp://{self.github}", "--github-api", f"http://{self.github}"]
        line = [engine.program(), "--progress=plain", "call", *self.arguments, *service, *args]
        env = os.environ | self.secrets | secrets
        pipe = subprocess.PIPE
        return subprocess.Popen(
            line, cwd=self.path, env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )

    def __call__(self, *args: str, **secrets: str) -> Called:
        """Call a function and wait for it."""
        with self.start(*args, **secrets) as process:
            stdout, stderr = process.communicate(timeout=600)
        return Called(process.returncode, stdout, stderr)


def dagger(where: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of the engine's own, such as `check`, in a checkout."""
    env = os.environ | {"NO_COLOR": "1"}
    line = [engine.program(), "--progress=plain", *words]
    return subprocess.run(
        line, cwd=where, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=600
    )
