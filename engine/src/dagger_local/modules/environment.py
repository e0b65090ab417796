"""A module's Python environment: its dependencies, installed once for each declaration of them."""

import os
import shutil
import sys
import tomllib
import uuid
from pathlib import Path

from dagger_local import process
from dagger_local.disk import NoSpaceError, is_no_space
from dagger_local.errors import EngineError
from dagger_local.modules.source import ModuleSource
from dagger_local.process import ProgramError
from dagger_local.progress import step
from dagger_local.store.snapshots import key_of

_SDK = "dagger-io>=0.21,<0.22"
"""What a module gets that does not pin its SDK: the release this engine's protocol is of."""


async def python_of(source: ModuleSource, state: Path) -> Path:
    """Return the interpreter of an environment with the module's dependencies, installing them if need be.

    pip installs them, so the machine's own configuration says from where. A lock with hashes is held to.
    """
    lock = source.lock.read_text() if source.lock.exists() else ""
    wanted = _dependencies(source)
    key = key_of("environment", sys.version, sys.executable, lock, wanted)
    home = state / "modules" / key
    python = home / "bin" / "python"
    if python.exists():
        return python
    with step(f"install the dependencies of module {source.name}"):
        fresh = home.with_name(f"{key}.{uuid.uuid4().hex[:8]}")
        fresh.parent.mkdir(exist_ok=True)
        try:
            await process.run([sys.executable, "-m", "venv", "--without-pip", fresh])
            given = ["--requirement", str(source.lock)] if lock else wanted
            await _install(fresh / "bin" / "python", given, source)
            try:
                fresh.rename(home)
            except OSError:  # another session was first
                shutil.rmtree(fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    return python


async def _install(python: Path, given: list[str], source: ModuleSource) -> None:
    words = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-input"]
    words += ["--disable-pip-version-check", "--no-warn-script-location", "--no-compile", *given]
    done = await process.run(words, check=False, env={"PIP_ROOT_USER_ACTION": "ignore"})
    if done.exit_code and is_no_space(ProgramError(done)):
        raise NoSpaceError(python.parents[3])
    if done.exit_code:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or [done.stderr.strip()]
        raise EngineError(f"the dependencies of module {source.name} cannot be installed: {errors[-1]}")


def _dependencies(source: ModuleSource) -> list[str]:
    project = tomllib.loads(source.pyproject.read_text()).get("project", {})
    declared = [str(each) for each in project.get("dependencies", [])]
    named = any(each.replace("_", "-").lower().startswith("dagger-io") for each in declared)
    return [each if each != "dagger-io" else _SDK for each in declared] + ([] if named else [_SDK])


def environment_of(source: ModuleSource) -> dict[str, str]:
    """Return the variables a module's process gets: nothing of the user's but what a process needs to run."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
    paths = [str(path) for path in (source.code / "src", source.code) if path.is_dir()]
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "DAGGER_MODULE": source.name,
        "DAGGER_MAIN_OBJECT": source.main_object,
        "DAGGER_DEFAULT_PYTHON_PACKAGE": source.package,
        "OTEL_SDK_DISABLED": "true",
        "NO_COLOR": "1",
    }
