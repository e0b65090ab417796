"""A module's Python environment: its dependencies, installed once for each declaration of them."""

import os
import re
import shutil
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

from dagger_local import process
from dagger_local.disk import NoSpaceError, is_no_space
from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.modules.source import ModuleSource
from dagger_local.process import ProgramError
from dagger_local.progress import step
from dagger_local.store.snapshots import key_of

_SDK_NAME = "dagger-io"
_SDK = f"{_SDK_NAME}>=0.21,<0.22"
"""What a module gets whose lock does not pin its SDK: the release this engine's protocol is of."""


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
            await _install(fresh / "bin" / "python", ["--requirement", str(source.lock)] if lock else wanted, source)
            if lock and _SDK_NAME not in map(_name_of, lock.splitlines()):
                await _install(fresh / "bin" / "python", [_SDK], source)
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
    """Return what pip is asked for: what the project declares, each from where its `tool.uv.sources` says.

    A name with a source is never asked of an index, where anyone may have taken it. The SDK is this engine's.
    """
    settings = tomllib.loads(source.pyproject.read_text())
    declared = [str(each) for each in settings.get("project", {}).get("dependencies", [])]
    sources = settings.get("tool", {}).get("uv", {}).get("sources", {})
    places = {_normalised(name): place for name, place in sources.items()}
    wanted = [each for each in declared if _name_of(each) != _SDK_NAME]
    return [_from_its_source(source, each, places.get(_name_of(each))) for each in wanted] + [_SDK]


def _from_its_source(source: ModuleSource, requirement: str, place: Any) -> str:
    name = _name_of(requirement)
    match place:
        case None:
            return requirement
        case {"path": str(path)}:
            folder = (source.code / path).resolve()
            if not folder.is_relative_to(source.context.resolve()):
                raise EngineError(
                    f"{name} of module {source.name} is at {path}, outside of its repository; move it inside"
                )
            if not folder.exists():
                raise EngineError(f"{name} of module {source.name} is to be at {path}, where nothing is; put it there")
            return f"{name} @ {folder.as_uri()}"
        case {"git": str(url), **rest}:
            rev = rest.get("rev") or rest.get("tag") or rest.get("branch")
            below = f"#subdirectory={rest['subdirectory']}" if "subdirectory" in rest else ""
            return f"{name} @ git+{url}{f'@{rev}' if rev else ''}{below}"
        case {"url": str(url)}:
            return f"{name} @ {url}"
        case _:
            raise UnsupportedError(f"the source of {name} in tool.uv.sources (path, git and url are known)")


def _name_of(requirement: str) -> str:
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    return _normalised(found[1]) if found else requirement


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


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
