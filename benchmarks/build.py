"""Measure the local engine's builds against plain buildah, where that is installed, in one run: `make bench`.

Both sides start from the same base images and empty caches, and build the two Dockerfiles:
- cold: `dagger-local call build`, against `buildah build --layers` started for both services at once;
- warm: the same calls again;
- edit: one file of the backend edited, and the backend built again.

Cold and edit are measured in turns, ours and plain, as others may use the machine: what counts is the ratio.
Aims: cold at most 1.05 times as long, warm at most 0.5 s, edit at most as long. Needs root.
"""

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dagger_local.dockerfile.stages import Given, read
from dagger_local.execution.trust import BUNDLES, host_bundle
from dagger_local.images import Assembled
from dagger_local.images.containers import Containers
from dagger_local.images.store import ImageStore
from dagger_local.namespace import enter
from dagger_local.platforms import own_platform
from dagger_local.store.mounts import Mounter

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("backend", "frontend")
PROGRAM = Path(sys.executable).with_name("dagger-local")
_BUILD = ["build", "--tag", "v1.0.0"]
WARM_RUNS = 5
TURNS = 3


def main() -> None:
    """Measure and print a table."""
    enter()
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        state, tree = Path(folder) / "state", Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".venv", "node_modules", ".*_cache"))
        print("preparing the base images ...", file=sys.stderr)
        _ours(state, tree, ["status"])  # the module's own dependencies are not what is measured
        plain = asyncio.run(_Plain.prepare(state, Path(folder)))
        cold, warm, edit = _turns(state, tree, plain)
    print(f"{'':<16}{'ours':>10}{'buildah':>10}{'ratio':>8}")
    _row("cold build", *cold)
    _row("warm build", *warm)
    _row("one-file edit", *edit)


Pair = tuple[float, float | None]


def _turns(state: Path, tree: Path, plain: "_Plain | None") -> tuple[Pair, Pair, Pair]:
    source = tree / "services" / "backend" / "main.go"
    cold: list[Pair] = []
    edit: list[Pair] = []
    for turn in range(TURNS):
        for name in ("snapshots", "memo", "caches", "oci"):
            shutil.rmtree(state / name, ignore_errors=True)
        ours = _timed(lambda: _ours(state, tree, _BUILD))
        cold.append((ours, _theirs(plain, tree, "--no-cache")))
        if plain:
            plain.build(tree)  # fills its cache
        source.write_text(f"{source.read_text()}\n// turn {turn}\n")
        ours = _timed(lambda: _ours(state, tree, _BUILD))
        edit.append((ours, _theirs(plain, tree)))
    warm = min(_timed(lambda: _ours(state, tree, _BUILD)) for _ in range(WARM_RUNS))
    return _median(cold), (warm, _theirs(plain, tree)), _median(edit)


def _theirs(plain: "_Plain | None", tree: Path, *options: str) -> float | None:
    return _timed(lambda: plain.build(tree, *options)) if plain else None


def _median(pairs: Sequence[Pair]) -> Pair:
    theirs = [other for _, other in pairs if other is not None]
    return statistics.median(ours for ours, _ in pairs), statistics.median(theirs) if theirs else None


def _row(name: str, ours: float, theirs: float | None) -> None:
    other, ratio = ("-", "-") if theirs is None else (f"{theirs:.2f} s", f"{ours / theirs:.2f}")
    print(f"{name:<16}{f'{ours:.2f} s':>10}{other:>10}{ratio:>8}")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _ours(state: Path, tree: Path, words: Sequence[str]) -> None:
    env = {**os.environ, "DAGGER_LOCAL_STATE": str(state)}
    line = [str(PROGRAM), "call", "-m", str(tree), "-s", *words]
    subprocess.run(line, check=True, env=env, stdout=subprocess.DEVNULL)


class _Plain:
    """Plain buildah with the same base images, in a storage of its own."""

    def __init__(self, containers: Containers, folder: Path) -> None:
        self._storage = [f"--root={folder / 'plain'}", "--storage-driver=overlay", f"--runroot={folder / 'runroot'}"]
        (folder / "tmp").mkdir()
        self._env = {**os.environ, **containers.environment, "TMPDIR": str(folder / "tmp")}
        # Steps of both sides trust what the host trusts.
        bundle = host_bundle()
        self._trust = [f"--volume={bundle}:/{BUNDLES[0]}:ro"] if bundle else []

    @staticmethod
    async def prepare(state: Path, folder: Path) -> "_Plain | None":
        """Bring the base images into both storages, under their names; None where there is no buildah."""
        run = folder / "run"
        run.mkdir()
        plain = _Plain(Containers(state, run), folder) if shutil.which("buildah") else None
        mounter = Mounter(state)
        images = ImageStore(state, run, mounter)
        for reference in sorted(_bases()):
            image = await images.pull(reference, platform=own_platform())
            if plain:
                config = image.config["config"]
                layout = await images.write_layout([Assembled(image, (), config, {}, own_platform())])
                pulled = plain.buildah("pull", "--quiet", f"oci:{layout}").splitlines()[-1]
                plain.buildah("tag", pulled, reference if "/" in reference else f"docker.io/library/{reference}")
        await images.close()
        mounter.close()
        return plain

    def buildah(self, *words: str | Path) -> str:
        done = subprocess.run(
            ["buildah", *self._storage, *words], check=True, env=self._env, capture_output=True, text=True
        )
        return done.stdout.strip()

    def build(self, tree: Path, *options: str) -> None:
        """Build both Dockerfiles at once."""
        shared = ["build", "--layers", "--quiet", "--pull=never", "--network=host", *self._trust]
        running = [
            subprocess.Popen(
                ["buildah", *self._storage, *shared, *options, "--build-arg=VERSION=v1.0.0",
                 f"--tag=plain-{service}", tree / "services" / service],
                env=self._env, stdout=subprocess.DEVNULL,
            )
            for service in SERVICES
        ]  # fmt: skip
        ended = [process.wait() for process in running]
        if any(ended):
            raise SystemExit("plain buildah failed to build; nothing to compare with")


def _bases() -> set[str]:
    given = Given(own_platform(), own_platform(), {})
    texts = [(ROOT / "services" / service / "Dockerfile").read_text() for service in SERVICES]
    stages = [stage for text in texts for stage in read(text, "Dockerfile", given).stages]
    return {stage.base for stage in stages if not stage.parent and stage.base != "scratch"}


if __name__ == "__main__":
    main()
