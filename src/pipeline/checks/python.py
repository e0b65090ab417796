"""Python: ruff and pytest by what pyproject.toml says, run by uv in the project's own environment."""

import tomllib
from typing import Any

import dagger
from dagger import dag

from pipeline.tools import Tools

from .outcome import Failed, Missing, Outcome, Passed
from .running import ended, on, program

_NO_TESTS = 5  # how pytest ends when it finds none


async def lint(tools: Tools, name: str, files: dagger.Directory) -> list[Outcome]:
    """Run ruff; its formatter too, where pyproject.toml configures that."""
    formats = "format" in _tool(await files.file("pyproject.toml").contents(), "ruff")
    commands = [["ruff", "check"], *([["ruff", "format", "--check"]] if formats else [])]
    return [await _run(tools, name, files, command) for command in commands]


async def test(tools: Tools, name: str, files: dagger.Directory) -> list[Outcome]:
    """Run pytest."""
    return [await _run(tools, name, files, ["pytest"])]


async def _run(tools: Tools, name: str, files: dagger.Directory, command: list[str]) -> Outcome:
    what = f"{name}: {' '.join(command)}"
    python, uv = await program(tools.python, what), await program(tools.uv, what)
    if isinstance(python, Missing):
        return python
    if isinstance(uv, Missing):
        return uv
    ready = on(
        python.with_file("/usr/local/bin/uv", uv.file("/uv"))
        .with_mounted_cache("/caches/uv", dag.cache_volume("uv"))
        .with_env_variable("UV_CACHE_DIR", "/caches/uv")
        .with_env_variable("UV_LINK_MODE", "copy")
        .with_env_variable("UV_SYSTEM_CERTS", "true")  # a company's too
        .with_env_variable("UV_PYTHON_DOWNLOADS", "never")
        .with_env_variable("UV_PROJECT_ENVIRONMENT", "/tmp/environment"),  # noqa: S108  in a container of its own
        files,
    )
    # The project's own version of a tool, where it depends on one; else the newest.
    done = await ended(ready, ["uv", "run", "--quiet", "--with", command[0], *command])
    if done.code == _NO_TESTS and command[0] == "pytest":
        return Missing(what, "it found no tests")
    return Failed(what, done.said) if done.code else Passed(what, done.stdout.strip().rpartition("\n")[2])


def _tool(text: str, name: str) -> dict[str, Any]:
    """Return a tool's table of a pyproject.toml; what is none is left to the tool to complain of."""
    try:
        found = tomllib.loads(text).get("tool", {}).get(name, {})
    except (tomllib.TOMLDecodeError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}
