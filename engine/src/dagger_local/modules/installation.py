"""Make a module's environment as Dagger makes it: uv reads what the module declares, the SDK is the engine's own.

Imported only when an environment has to be made.
"""

import os
import re
import shutil
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from dagger_local import process
from dagger_local.disk import NoSpaceError, is_no_space
from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.modules import local_sources
from dagger_local.modules.indexes import of_this_machine
from dagger_local.modules.locks import held, named_twice
from dagger_local.modules.source import SDK_NAME, ModuleSource
from dagger_local.process import Completed, ProgramError
from dagger_local.progress import step

SDK = f"{SDK_NAME}==0.21.11"
"""The release of the SDK that every module gets: a module's own pin of it never wins, as in Dagger."""
_OLDEST = ">=3.11"
"""What a module's process needs, see `worker.py`."""


async def install(source: ModuleSource, home: Path) -> None:
    """Make the environment in `home`, all at once. Raises EngineError in uv's words for what it refuses."""
    local_sources.check(source, source.local_sources())
    with step(f"install the dependencies of module {source.name}"):
        fresh = home.with_name(f"{home.name}.{uuid.uuid4().hex[:8]}")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        making = _Making(source, fresh, await of_this_machine())
        try:
            await making.make()
            try:
                fresh.rename(home)
            except OSError:  # another session was first
                shutil.rmtree(fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise


class _Making:
    """One environment in the making, in the folder `fresh`."""

    def __init__(self, source: ModuleSource, fresh: Path, indexes: Mapping[str, str]) -> None:
        self.source = source
        self.fresh = fresh
        self.own = fresh.with_name(f"{fresh.name}.asked")  # what uv is asked for; never in the module's own folder
        self.environment = {"UV_SYSTEM_CERTS": "1", "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": "", **indexes}

    async def make(self) -> None:
        python = await self._python()
        await process.run([python, "-m", "venv", "--without-pip", self.fresh])
        self.own.mkdir()
        try:
            await self._fill()
        finally:
            shutil.rmtree(self.own, ignore_errors=True)

    async def _fill(self) -> None:
        """Install what the lock says, else what is declared; with either the SDK. Then all has to fit together."""
        if (self.source.code / "uv.lock").is_file():
            words = ["export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--no-emit-package", SDK_NAME]
            await self._install(["--no-deps"], held((await self._uv(*words)).stdout, SDK))
            # The second adds what was declared after it was locked; uv's pip knows no workspaces.
            await self._install([SDK] if workspaces(self.source) else self._declared())
        elif self.source.lock.is_file():
            text = self.source.lock.read_text()
            if twice := named_twice(text, self.source.sources()):
                raise EngineError(
                    f"{twice} of module {self.source.name} is pinned in requirements.lock, as of an index, but "
                    f"tool.uv.sources says where it comes from; lock again by uv, or leave it out of one of them"
                )
            await self._install(["--no-deps"], held(text, SDK))
            await self._install([SDK])
        else:
            await self._install(self._declared())
        await self._uv("pip", "check", "--quiet", "--python", self._interpreter)

    def _declared(self) -> list[str]:
        """Return what makes uv read pyproject.toml, its sources too, with the SDK in place of any other of it."""
        for name in workspaces(self.source):
            raise UnsupportedError(f"the source of {name} in tool.uv.sources, a workspace, without a uv.lock")
        if not self.source.project.get("project"):
            return [SDK]
        overrides = self.own / "overrides.txt"
        overrides.write_text(f"{SDK}\n")
        project = ["--requirements", "pyproject.toml", "--no-sources-package", SDK_NAME]
        return [*project, "--overrides", str(overrides), SDK]

    async def _install(self, words: list[str], requirements: str | None = None) -> None:
        if requirements is not None:
            if not requirements.strip():
                return
            words = [*words, "--requirements", "-"]
        await self._uv("pip", "install", "--quiet", "--python", self._interpreter, *words, asked=requirements or "")

    async def _uv(self, *words: str, asked: str = "") -> Completed:
        """Run uv in the module's folder: paths begin there, and its settings of indexes are read there."""
        done = await process.run(
            [_uv_program(), "--no-progress", *words],
            stdin=asked.encode(),
            cwd=self.source.code,
            env=self.environment,
            check=False,
        )
        if not done.exit_code:
            return done
        if is_no_space(ProgramError(done)):
            raise NoSpaceError(self.fresh.parents[1])
        said = " ".join(re.sub(r"[^\x00-\x7f]", "", done.stderr).split())  # without uv's lines and arrows
        raise EngineError(f"the dependencies of module {self.source.name} cannot be installed: {said}")

    @property
    def _interpreter(self) -> str:
        return str(self.fresh / "bin" / "python")

    async def _python(self) -> str:
        """Return a Python that the module can run by: this engine's where it fits, else one that is installed."""
        wanted = wanted_python(self.source)
        try:
            if SpecifierSet(wanted).contains(".".join(map(str, sys.version_info[:3]))):
                return sys.executable
        except InvalidSpecifier:
            raise EngineError(f"module {self.source.name} asks for Python {wanted!r}, which no version fits") from None
        words = [_uv_program(), "python", "find", "--no-python-downloads", "--no-project", f"{wanted},{_OLDEST}"]
        found = await process.run(words, check=False)
        if found.exit_code:
            raise EngineError(
                f"module {self.source.name} needs Python {wanted}, and this machine has none from 3.11 on that fits; "
                "install one (it is found on PATH as python3.N) and run again"
            )
        return found.stdout.strip()


def wanted_python(source: ModuleSource) -> str:
    """Return which Pythons the module can run by: those of .python-version and of requires-python."""
    wanted = [str(source.project.get("project", {}).get("requires-python") or "")]
    pin = source.code / ".python-version"
    lines = pin.read_text().split() if pin.is_file() else []
    if lines:
        # Dagger takes the image of just that version; of what is installed, the minor version has to do.
        minor = re.match(r"(?:cpython-|python)?(\d+\.\d+)", lines[0])
        wanted.append(f"=={minor[1]}.*" if minor else lines[0])
    return ",".join(filter(None, wanted))


def workspaces(source: ModuleSource) -> list[str]:
    """Return the packages that come from a workspace of uv's."""
    return [name for name, place in source.sources().items() if any("workspace" in each for each in place)]


def _uv_program() -> str:
    beside = Path(sys.prefix) / "bin" / "uv"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("uv")
    if not found:
        raise EngineError("uv is not installed, which makes the environments of modules; install it and run again")
    return found
