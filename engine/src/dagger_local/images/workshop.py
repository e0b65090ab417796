"""A root file system in the making: layers below, a new one on top, and programs run in it."""

import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dagger_local.execution.runtime import Runtime, find_runtime
from dagger_local.execution.spec import Bind, runtime_spec
from dagger_local.execution.trust import host_bundle, trust
from dagger_local.execution.users import User
from dagger_local.process import run
from dagger_local.progress import Step
from dagger_local.store.mounts import Mounter
from dagger_local.store.tree import Layer, Tree

_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}


@dataclass(frozen=True, slots=True)
class Root:
    """A root in the making; `execute` runs a program as a user of it, and raises ProgramError when it fails.

    All that is needed was fetched before, where the host's proxies and keys are known: there is no network in it.
    """

    path: Path
    execute: Callable[[Sequence[str], Step, Sequence[Bind], User], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes roots; containers run by `runtime`, their bundles are under `run`."""

    mounter: Mounter
    runtime: Runtime
    run: Path

    @asynccontextmanager
    async def root(self, below: Tree, layer: Path) -> AsyncIterator[Root]:
        """Show `below` with `layer` on top, writable; without anything below it, the layer itself."""
        layer.mkdir(parents=True, exist_ok=True)
        layer.chmod(0o755)
        if not below:
            yield Root(layer, partial(self._execute, layer))
            return
        self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = Path(tempfile.mkdtemp(dir=self.run, prefix="root-"))
        work = layer.with_name("work")
        work.mkdir()
        await self.mounter.overlay(below, place, upper=layer, work=work)
        try:
            yield Root(place, partial(self._execute, place))
        finally:
            await self.mounter.unmount(place)
            place.rmdir()
            shutil.rmtree(work, ignore_errors=True)

    async def _execute(self, root: Path, argv: Sequence[str], step: Step, binds: Sequence[Bind], user: User) -> None:
        trusted, environment = trust((Layer("", root),), host_bundle())
        spec = runtime_spec(
            root=root,
            args=argv,
            env={**_ENVIRONMENT, **environment},
            cwd="/",
            user=user,
            binds=[*binds, *trusted],
            no_network=True,
        )
        bundle = Path(tempfile.mkdtemp(dir=self.run, prefix="bundle-"))
        try:
            (bundle / "config.json").write_text(json.dumps(spec))
            await run(self.runtime.argv(bundle, bundle.name, bundle / "pid"), on_line=step.log)
        finally:
            await self.runtime.remove(bundle.name)
            shutil.rmtree(bundle, ignore_errors=True)


async def open_workshop(mounter: Mounter, run_directory: Path, remembered: Path, *, wanted: str = "") -> Workshop:
    """Return a workshop that runs programs by what works here; see `find_runtime`."""
    run_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Workshop(mounter, await find_runtime(run_directory, remembered, wanted=wanted), run_directory)
