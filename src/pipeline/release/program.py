"""The container that releases: git, Node.js, and semantic-release as the lock file pins it."""

from pathlib import Path

import dagger
from dagger import dag

from pipeline.tools import Tools

PROGRAM = ["node", "/opt/release/release.js"]

_FOLDER = Path(__file__).parent / "program"
_INSTALLED = ("package.json", "package-lock.json", ".npmrc")  # by these alone the layer of packages is cached


def program(tools: Tools) -> dagger.Container:
    """Return the container; its packages are installed once for a lock file.

    semantic-release depends on its plugins for npm and GitHub, which are not used here: package.json puts a small
    package in their place, for they bring 50 MB along, and a second program that a token could be taken by.
    """
    container = (
        dag.container()
        .from_(tools.git_server)
        .with_directory("/usr/local", dag.container().from_(tools.node).directory("/usr/local"))
        .with_workdir("/opt/release")
    )
    for name in _INSTALLED:
        container = container.with_new_file(name, (_FOLDER / name).read_text())
    container = (
        container.with_mounted_cache("/root/.npm", dag.cache_volume("npm"))
        .with_exec(["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"])
        .without_mount("/root/.npm")
        .with_env_variable("HOME", "/tmp")  # noqa: S108  in a container of its own
        .with_env_variable("NODE_USE_ENV_PROXY", "1")
    )
    for file in sorted(_FOLDER.glob("*.js")):
        container = container.with_new_file(file.name, file.read_text())
    return container
