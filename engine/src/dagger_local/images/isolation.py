"""How buildah runs a step: in runc, trusting what the host trusts; by chroot where runc does not work."""

import asyncio
import itertools
import json
import os
import shlex
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from dagger_local.execution.runtime import Runc, find_runtime
from dagger_local.execution.trust import BUNDLES, INSIDE, host_bundle
from dagger_local.images import trusting_runc
from dagger_local.images.model import Image
from dagger_local.process import run

_numbers = itertools.count(1)
_PROGRAM = """\
#!/bin/sh
case "$1" in
create) exec {python} -IS {program} "$@" ;;
esac
exec runc --root "$DAGGER_LOCAL_RUNC_ROOT" "$@"
"""


@dataclass(frozen=True, slots=True)
class Isolation:
    """The options and variables that one buildah process gets for the steps it runs."""

    flags: tuple[str, ...]
    env: dict[str, str]


class Isolations:
    """Finds out once what works here, and gives each buildah process containers of its own."""

    def __init__(self, run_directory: Path, remembered: Path) -> None:
        self._run = run_directory
        self._remembered = remembered
        self._found: asyncio.Task[bool] | None = None

    @asynccontextmanager
    async def isolate(self, bases: Sequence[Image] = ()) -> AsyncIterator[Isolation]:
        """Give an isolation for steps on `bases`; on leaving, end what a killed buildah left running in it."""
        bundle = host_bundle()
        if not await self._has_runc():
            covered = await asyncio.to_thread(_common_bundles, bases) if bundle else []
            volumes = [f"--volume={bundle}:/{name}:ro" for name in covered]
            yield Isolation(("--isolation", "chroot", "--network", "host", *volumes), {})
            return
        root = self._run / "steps" / str(next(_numbers))
        env = {"DAGGER_LOCAL_RUNC_ROOT": str(root)}
        if bundle:
            env["DAGGER_LOCAL_TRUST"] = json.dumps([str(bundle), INSIDE, *BUNDLES])
        flags = ("--isolation", "oci", "--runtime", str(self._program()), "--network", "host")
        try:
            yield Isolation(flags, env)
        finally:
            await asyncio.shield(_remove_all(root))

    async def _has_runc(self) -> bool:
        if self._found is None:
            self._found = asyncio.create_task(self._find())
        return await asyncio.shield(self._found)

    async def _find(self) -> bool:
        wanted = os.environ.get("DAGGER_LOCAL_RUNTIME", "")
        return isinstance(await find_runtime(self._run / "steps", self._remembered, wanted=wanted), Runc)

    def _program(self) -> Path:
        """Write the runtime's executable. buildah starts it five times a step; Python only for the one that counts."""
        path = self._run / "trusting-runc"
        if not path.exists():
            python, program = shlex.quote(sys.executable), shlex.quote(trusting_runc.__file__)
            path.write_text(_PROGRAM.format(python=python, program=program))
            path.chmod(0o700)
        return path


async def _remove_all(root: Path) -> None:
    for name in await asyncio.to_thread(_names, root):
        await run(["runc", "--root", root, "delete", "--force", name], check=False)


def _common_bundles(bases: Sequence[Image]) -> list[str]:
    """List the bundles that all images have: a volume over a file that is missing would leave one behind."""
    return [name for name in BUNDLES if bases and all(_has_file(image, name) for image in bases)]


def _has_file(image: Image, name: str) -> bool:
    found = next((path for layer in reversed(image.layers) if os.path.lexists(path := layer / name)), None)
    return found is not None and found.is_file() and not found.is_symlink()


def _names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()] if directory.is_dir() else []
