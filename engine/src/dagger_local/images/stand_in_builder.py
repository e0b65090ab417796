"""Build a stand-in: a Debian by mmdebstrap, or packages and programs laid on one."""

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from dagger_local.disk import is_no_space
from dagger_local.errors import EngineError
from dagger_local.execution.users import User
from dagger_local.images import apt, go_programs, wheels
from dagger_local.images.locks import Keyed, file_lock
from dagger_local.images.model import Image, image_tree
from dagger_local.images.stand_in_files import lay_files, unpack_archives, unpack_aside
from dagger_local.images.stand_in_store import Built, StandInStore
from dagger_local.images.stand_ins import GoProgram, StandIn, Wheel, debian
from dagger_local.images.workshop import Root, Workshop
from dagger_local.process import ProgramError, run
from dagger_local.progress import Step

_ROOT = User(0, 0)


class StandInBuilder:
    """Builds each recipe once, here and among the processes that share the state directory."""

    def __init__(self, state: Path, open_workshop: Callable[[], Awaitable[Workshop]]) -> None:
        self._state = state
        self._open_workshop = open_workshop
        self._store = StandInStore(state / "stand-ins")
        self._locks = Keyed()

    def kept(self, recipe: StandIn, reference: str) -> Image | None:
        """Return the stand-in as the image of a reference, if it has been built."""
        built = self._store.find(recipe)
        return self._store.image(recipe, built, reference) if built else None

    def say(self, recipe: StandIn) -> str:
        """Say what a stand-in that was built really is, for people."""
        built = self._store.find(recipe)
        return recipe.say.replace("{version}", built.version if built else "")

    async def build(self, recipe: StandIn, step: Step) -> Built:
        """Return the stand-in, built now unless it is kept; what happens is told to `step`."""
        async with self._locks[recipe.digest], file_lock(self._store.lock(recipe)):
            if kept := self._store.find(recipe):
                return kept
            fresh = self._store.fresh(recipe)
            try:
                if _is_debian(recipe):
                    await self._build_debian(recipe, fresh / "fs", step)
                    return self._store.keep(recipe, fresh, "", None)
                version, below = await self._build(recipe, fresh / "fs", step)
                return self._store.keep(recipe, fresh, version, below)
            except BaseExceptionGroup as failed:
                raise failed.exceptions[0] from None
            finally:
                self._store.discard(fresh)

    async def _build_debian(self, recipe: StandIn, root: Path, step: Step) -> None:
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
        try:
            await run(["mmdebstrap", *options, recipe.suite, root, mirror.uri], on_line=step.log)
        except ProgramError as error:
            if is_no_space(error):
                raise
            told = [line for line in error.completed.stderr.splitlines() if line.startswith(("E:", "Err:"))]
            raise EngineError(f"{recipe.say} cannot be made: {told[0] if told else error}") from None
        await asyncio.to_thread(lay_files, recipe, root)

    async def _build(self, recipe: StandIn, layer: Path, step: Step) -> tuple[str, Built | None]:
        """Make anything else: fetch while the Debian below is made, then put both together."""
        debian_packages = apt.Packages(self._state / "apt", recipe.suite, apt.find_mirror())
        scratch = layer.with_name("scratch")
        async with asyncio.TaskGroup() as group:
            fetching = group.create_task(_fetch(recipe.wheel, recipe.wanted, scratch / "wheel"))
            program = group.create_task(_build_program(recipe.go, scratch / "go", step))
            pip = group.create_task(_fetch_pip(scratch / "pip") if recipe.pip else asyncio.sleep(0))
            making = group.create_task(self._below(recipe, step))
            if recipe.packages:
                group.create_task(debian_packages.refresh())
        wheel, below = fetching.result(), making.result()
        workshop = await self._open_workshop()
        tree = image_tree(self._store.image(recipe, below, "")) if below else ()
        async with workshop.root(tree, layer) as root:
            async with asyncio.TaskGroup() as group:
                place = scratch / "archives"
                adding = group.create_task(_add_packages(debian_packages, recipe, place, root, step))
                group.create_task(_add_wheel(recipe.wheel, wheel, root.path))
                group.create_task(asyncio.to_thread(_add_program, recipe.go, program.result(), root.path))
            archives = adding.result()
            if newer := pip.result():
                await _add_pip(newer, root.path)
            if recipe.apk:
                await _add_apk(debian_packages, scratch / "apk", root.path)
            await asyncio.to_thread(lay_files, recipe, root.path)
            for argv in recipe.run:
                await root.execute(argv, step, (), _ROOT)
        version = _version(recipe, wheel, archives)
        shutil.rmtree(scratch, ignore_errors=True)
        return version, below

    async def _below(self, recipe: StandIn, step: Step) -> Built | None:
        return None if recipe.bare else await self.build(debian(recipe.suite), step)


async def _add_packages(
    debian_packages: apt.Packages, recipe: StandIn, place: Path, root: Root, step: Step
) -> list[Path]:
    if not recipe.packages:
        return []
    if recipe.bare == "alone":
        archives = await debian_packages.download(recipe.packages, place, status=None)
    else:
        status = Path("/dev/null") if recipe.bare else root.path / "var/lib/dpkg/status"
        archives = await debian_packages.download(recipe.packages, place, status=status)
    if recipe.bare:
        await unpack_archives(recipe, archives, root.path)
        return archives
    # Everything was downloaded outside, where the host's proxies and keys are known: apt only orders and unpacks.
    words = ["apt-get", "install", "--yes", "--no-install-recommends", "-o", "DPkg::Options::=--force-unsafe-io"]
    local = [f"/mnt/{archive.name}" for archive in archives]
    await root.execute([*words, *local], step, [(place, "/mnt", True)], _ROOT)
    return archives


def _is_debian(recipe: StandIn) -> bool:
    return not (recipe.bare or recipe.packages or recipe.wheel or recipe.go)


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


async def _build_program(program: GoProgram | None, directory: Path, step: Step) -> Path | None:
    return await go_programs.build(program.package, program.version, directory, step) if program else None


async def _add_apk(debian_packages: apt.Packages, place: Path, root: Path) -> None:
    """Put Debian's apt aside, with its libraries, its keys and the mirror, for the script in Alpine's apk's place."""
    archives = await debian_packages.download(("apt", "dpkg", "gpgv"), place, status=Path("/dev/null"))
    home = root / "usr/lib/apk"
    await unpack_aside(archives, home / "debian")
    await debian_packages.describe(home)
    (root / "lib/apk/db").mkdir(parents=True)
    (root / "lib/apk/db/installed").touch()


async def _fetch_pip(directory: Path) -> Path | None:
    return await wheels.download("pip", directory)


async def _add_pip(wheel: Path, root: Path) -> None:
    """Lay Python's own pip over Debian's, which has no list of its files and so cannot be replaced by a newer one."""
    library = next(path.name for path in (root / "usr/lib").glob("python3.*"))
    place = root / "usr/local/lib" / library / "dist-packages"
    for folder in ("pip", f"pip-{wheels.version(wheel)}.dist-info"):
        await wheels.unpack(wheel, folder, place / folder)


def _add_program(program: GoProgram | None, built: Path | None, root: Path) -> None:
    if program and built:
        target = root / program.target.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(built, target)


def _version(recipe: StandIn, wheel: Path | None, archives: list[Path]) -> str:
    """Return the version of what a stand-in is for."""
    if recipe.go:
        return recipe.go.version.removeprefix("v")
    return wheels.version(wheel) if wheel else _debian_version(archives, recipe.packages[0])


def _debian_version(archives: list[Path], package: str) -> str:
    """Read the upstream part of a package's version off its archive's name."""
    name = next((path.name for path in archives if path.name.startswith(f"{package}_")), "__")
    version = name.split("_")[1].replace("%3a", ":").rpartition(":")[2]
    return re.split(r"[-+~]", version)[0]
