"""Which engine the tests run on: Dagger's own, where a session or a runner is named, else the local one."""

import os
import shutil
import sys
from pathlib import Path

import yaml

from pipeline.tools import Tools

DAGGER = "DAGGER_SESSION_PORT" in os.environ or "_EXPERIMENTAL_DAGGER_RUNNER_HOST" in os.environ

GIVEN_TOOLS = os.environ.get("TEST_TOOLS", "{}")  # as `tools:` in pipeline.yaml, for a network without the originals
TOOLS = Tools(**{name.replace("-", "_"): image for name, image in yaml.safe_load(GIVEN_TOOLS).items()})


def program() -> str:
    """Return the engine's command line: it serves sessions, and calls the module."""
    name, place = ("dagger", None) if DAGGER else ("dagger-local", str(Path(sys.executable).parent))
    found = shutil.which(name, path=place)
    assert found, f"{name} is not installed here" + ("" if DAGGER else ": run make test")
    return found


def choose() -> None:
    """Let the SDK's sessions be of that engine."""
    if "DAGGER_SESSION_PORT" not in os.environ:
        os.environ["_EXPERIMENTAL_DAGGER_CLI_BIN"] = program()
