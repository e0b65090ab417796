"""Build a stand-in: a Debian by mmdebstrap, packages and programs on top, committed under a name of its own."""

import asyncio
import json
import re
import shlex
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from dagger_local.disk import is_no_space
from dagger_local.errors import EngineError
from dagger_local.images import apt, wheels
from dagger_local.images.containers import Containers
from dagger_local.images.isolation import Isolations
from dagger_local.images.locks import Keyed, file_lock
from dagger_local.images.records import Records
from dagger_local.images.stand_in_files import lay_files, unpack_archives
from dagger_local.images.stand_ins import StandIn, Wheel, debian
from dagger_local.process import ProgramError, run
from dagger_local.progress import Step


@dataclass(frozen=True, slots=True)
class Built:
    """A stand-in's image and what it really is, for people."""

    image_id: str
    say: str


@dataclass(frozen=True, slots=True)
class _Working:
    """A working container of buildah and the folder where its root is mounted."""

    container: str
    root: Path


class StandInBuilder:
    """Builds each recipe once, here and among the processes that share the state directory."""

    def __init__(self, containers: Containers, records: Records, isolations: Isolations) -> None:
        self._containers = containers
        self._records = records
        self._isolations = isolations
        self._locks = Keyed()
        self._directory = containers.state / "stand-ins"

    def kept(self, recipe: StandIn) -> Built | None:
        """Return the stand-in if it has been built."""
        image_id = self._records.image_named(recipe.name)
        said = self._said(recipe)
        if not image_id or not self._records.has(image_id) or not said.exists():
            return None
        return Built(image_id, recipe.say.replace("{version}", said.read_text()))

    async def build(self, recipe: StandIn, step: Step) -> Built:
        """Return the stand-in, built now unless it is kept; what happens is told to `step`."""
        async with self._locks[recipe.digest], file_lock(self._directory / "locks" / recipe.digest):
            if kept := self.kept(recipe):
                return kept
            try:
                version = await (self._build_debian(recipe, step) if _is_debian(recipe) else self._build(recipe, step))
            except BaseExceptionGroup as failed:
                raise failed.exceptions[0] from None
            self._said(recipe).write_text(version)
        built = self.kept(recipe)
        if built is None:
            raise EngineError(f"the stand-in {recipe.name} was built but is not in {self._containers.root}")
        return built

    def _said(self, recipe: StandIn) -> Path:
        return self._directory / recipe.digest

    async def _build_debian(self, recipe: StandIn, step: Step) -> str:
        """Bootstrap a Debian; its packages come by the host's apt configuration."""
        if not shutil.which("mmdebstrap"):
            raise EngineError("mmdebstrap is not installed; on Debian: apt-get install mmdebstrap")
        mirror = apt.find_mirror()
        options = ["--variant=minbase", "--mode=root", "--format=directory", "--include=ca-certificates"]
        options += [
            f"--aptopt={option}" for option in ('Acquire::Check-Valid-Until "false"', 'Acquire::Languages "none"')
        ]
        options += [f"--dpkgopt=path-exclude={pattern}" for pattern in apt.DPKG_EXCLUDES]
        options += [f"--keyring={mirror.keyring}"] if mirror.keyring else []
        async with self._container("scratch", recipe) as working:
            try:
                await run(["mmdebstrap", *options, recipe.suite, working.root, mirror.uri], on_line=step.log)
            except ProgramError as error:
                if is_no_space(error):
                    raise
                told = [line for line in error.completed.stderr.splitlines() if line.startswith(("E:", "Err:"))]
                raise EngineError(f"{recipe.say} cannot be made: {told[0] if told else error}") from None
            await asyncio.to_thread(lay_files, recipe, working.root)
        return ""

    async def _build(self, recipe: StandIn, step: Step) -> str:
        """Make anything else: fetch while the Debian below is made, then put both together."""
        debian_packages = apt.Packages(self._containers.state / "apt", recipe.suite, apt.find_mirror())
        self._containers.temporary.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._containers.temporary) as name:
            scratch = Path(name)
            async with asyncio.TaskGroup() as group:
                fetching = group.create_task(_fetch(recipe.wheel, recipe.wanted, scratch / "wheel"))
                below = group.create_task(self._below(recipe, step))
                if recipe.packages:
                    group.create_task(debian_packages.refresh())
            wheel, base = fetching.result(), below.result()
            async with self._container(base, recipe) as working:
                async with asyncio.TaskGroup() as group:
                    place = scratch / "archives"
                    adding = group.create_task(self._add_packages(debian_packages, recipe, place, working, step))
                    group.create_task(_add_wheel(recipe.wheel, wheel, working.root))
                archives = adding.result()
                await asyncio.to_thread(lay_files, recipe, working.root)
                for argv in recipe.run:
                    await self._run(working, argv, step)
        return wheels.version(wheel) if wheel else _debian_version(archives, recipe.packages[0])

    async def _add_packages(
        self, debian_packages: apt.Packages, recipe: StandIn, place: Path, working: _Working, step: Step
    ) -> list[Path]:
        if not recipe.packages:
            return []
        if recipe.bare == "alone":
            archives = await debian_packages.download(recipe.packages, place, status=None)
        else:
            status = Path("/dev/null") if recipe.bare else working.root / "var/lib/dpkg/status"
            archives = await debian_packages.download(recipe.packages, place, status=status)
        if recipe.bare:
            await unpack_archives(recipe, archives, working.root)
            return archives
        # Everything was downloaded outside, where the host's proxies and keys are known: apt only orders and unpacks.
        words = ["apt-get", "install", "--yes", "--no-install-recommends", "-o", "DPkg::Options::=--force-unsafe-io"]
        local = [f"/mnt/{archive.name}" for archive in archives]
        await self._run(working, [*words, *local], step, ("--volume", f"{place}:/mnt:ro"))
        return archives

    async def _below(self, recipe: StandIn, step: Step) -> str:
        if recipe.bare:
            return "scratch"
        return (await self.build(debian(recipe.suite), step)).image_id

    async def _run(
        self, working: _Working, argv: list[str] | tuple[str, ...], step: Step, options: tuple[str, ...] = ()
    ) -> None:
        async with self._isolations.isolate() as isolation:
            quiet = ("--env", "DEBIAN_FRONTEND=noninteractive", "--user", "0", "--workingdir", "/")
            words = ("run", *isolation.flags, *quiet, *options, working.container, "--", *argv)
            await self._containers.buildah(*words, env=isolation.env, on_line=step.log)

    @asynccontextmanager
    async def _container(self, base: str, recipe: StandIn) -> AsyncIterator[_Working]:
        """Give a working container and its mounted root; commit it at the end, remove it in any case."""
        buildah = self._containers.buildah
        container = (await buildah("from", "--pull-never", "--quiet", base)).stdout.strip()
        try:
            yield _Working(container, Path((await buildah("mount", container)).stdout.strip()))
            await buildah("config", *_settings(recipe), container)
            await buildah("commit", "--quiet", "--format", "docker", container, recipe.name)
        finally:
            await asyncio.shield(buildah("rm", container, check=False))


def _is_debian(recipe: StandIn) -> bool:
    return not (recipe.bare or recipe.packages or recipe.wheel)


def _settings(recipe: StandIn) -> list[str]:
    """Write a recipe's configuration as options of `buildah config`."""
    config = recipe.config
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    options = ["--cmd", shlex.join(config.get("cmd", ()))]
    for variable in config.get("env", (path,)):
        options += ["--env", variable]
    if entrypoint := config.get("entrypoint"):
        options += ["--entrypoint", json.dumps(entrypoint)]
    for key, option in (("user", "--user"), ("workdir", "--workingdir"), ("stop-signal", "--stop-signal")):
        if value := config.get(key):
            options += [option, value]
    for key, option in (("ports", "--port"), ("volumes", "--volume")):
        for value in config.get(key, ()):
            options += [option, value]
    return options


async def _fetch(wheel: Wheel | None, wanted: str, directory: Path) -> Path | None:
    if wheel is None:
        return None
    if not wanted:
        return await wheels.download(wheel.project, directory)
    try:
        return await wheels.download(f"{wheel.project}=={wanted}.*", directory)
    except EngineError:
        return await wheels.download(f"{wheel.project}>={wanted}", directory)


async def _add_wheel(wheel: Wheel | None, archive: Path | None, root: Path) -> None:
    if wheel and archive:
        folder = wheel.folder.replace("{version}", wheels.version(archive))
        await wheels.unpack(archive, folder, root / wheel.target.lstrip("/"))


def _debian_version(archives: list[Path], package: str) -> str:
    """Read the upstream part of a package's version off its archive's name."""
    name = next((path.name for path in archives if path.name.startswith(f"{package}_")), "__")
    version = name.split("_")[1].replace("%3a", ":").rpartition(":")[2]
    return re.split(r"[-+~]", version)[0]
