"""Measure the local engine against plain buildah, in one run: `make bench`.

Both sides start from the same base images and empty caches, and build the two Dockerfiles side by side:
- cold: `dagger-local call build`, against `buildah build --layers` started for both services at once;
- warm: the same calls again;
- overhead per exec: commands in one chain of `withExec`, against `buildah run` and `buildah commit` for each.

Aims: cold at most 1.15 times as long, warm at most 2 s in all. Needs root (as any use without a user namespace).
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from dagger_local.images.containers import Containers
from dagger_local.images.dockerfile import Dockerfile
from dagger_local.images.isolation import Isolation, Isolations
from dagger_local.images.store import ImageStore
from dagger_local.namespace import enter
from dagger_local.platforms import own_platform

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("backend", "frontend")
PROGRAM = Path(sys.executable).with_name("dagger-local")
WARM_RUNS = 5
EXECS = 20


def main() -> None:
    """Measure and print a table."""
    enter()
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        state = Path(folder) / "state"
        print("preparing the base images ...", file=sys.stderr)
        _ours(state, ["status"])  # the module's own dependencies are not what is measured
        plain = asyncio.run(_Plain.prepare(state, Path(folder)))
        cold = _timed(lambda: _ours(state, _BUILD))
        warm = min(_timed(lambda: _ours(state, _BUILD)) for _ in range(WARM_RUNS))
        plain_cold = _timed(lambda: plain.build("--no-cache"))
        plain_warm = min(_timed(plain.build) for _ in range(WARM_RUNS))
        execs = _our_execs(state)
        plain_execs = plain.execs()
    print(f"{'':<16}{'ours':>10}{'buildah':>10}{'ratio':>8}")
    _row("cold build", cold, plain_cold, "s")
    _row("warm build", warm, plain_warm, "s")
    _row("one exec", 1000 * execs, 1000 * plain_execs, "ms")


_BUILD = ["build", "--tag", "v1.0.0"]


def _row(name: str, ours: float, theirs: float, unit: str) -> None:
    print(f"{name:<16}{f'{ours:.2f} {unit}':>10}{f'{theirs:.2f} {unit}':>10}{ours / theirs:>8.2f}")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _ours(state: Path, words: Sequence[str]) -> None:
    env = {**os.environ, "DAGGER_LOCAL_STATE": str(state)}
    line = [str(PROGRAM), "call", "-m", str(ROOT), "-s", *words]
    subprocess.run(line, check=True, env=env, stdout=subprocess.DEVNULL)


def _our_execs(state: Path) -> float:
    """Return the seconds of one exec in a chain, the session's start left out."""
    script = f"""
import anyio, dagger, time, uuid
from dagger import dag
async def main():
    async with dagger.connection():
        base = await dag.container().from_("alpine:3.22").with_exec(["true"]).sync()
        start = time.perf_counter()
        chain = base.with_env_variable("RUN", uuid.uuid4().hex)
        for _ in range({EXECS}):
            chain = chain.with_exec(["sh", "-c", "date > /stamp"])
        await chain.sync()
        print((time.perf_counter() - start) / {EXECS})
anyio.run(main)
"""
    env = {**os.environ, "DAGGER_LOCAL_STATE": str(state)}
    words = [str(PROGRAM), "-s", "run", sys.executable, "-c", script]
    return float(subprocess.run(words, check=True, env=env, stdout=subprocess.PIPE, text=True).stdout)


class _Plain:
    """Plain buildah on the same storage, its caches elsewhere."""

    def __init__(self, containers: Containers, isolation: Isolation, folder: Path) -> None:
        self._isolation = isolation
        self._storage = [f"--root={containers.root}", "--storage-driver=overlay", f"--runroot={folder / 'runroot'}"]
        (folder / "tmp").mkdir()
        self._env = {**os.environ, **containers.environment, **isolation.env, "TMPDIR": str(folder / "tmp")}

    @staticmethod
    async def prepare(state: Path, folder: Path) -> "_Plain":
        """Bring the base images into the storage, and give them their names there."""
        run = folder / "run"
        run.mkdir()
        # The steps of both sides run in the same way, with the same trust in the host's certificates.
        async with Isolations(run, state / "runtime").isolate() as isolation:
            plain = _Plain(Containers(state, run), isolation, folder)
        images = ImageStore(state, run)
        for reference in sorted({"alpine:3.22", "alpine/git:v2.49.1", *_bases()}):
            image = await images.pull(reference, platform=own_platform())
            plain.buildah("tag", image.id, reference if "/" in reference else f"docker.io/library/{reference}")
        await images.close()
        return plain

    def buildah(self, *words: str | Path) -> str:
        done = subprocess.run(
            ["buildah", *self._storage, *words], check=True, env=self._env, capture_output=True, text=True
        )
        return done.stdout.strip()

    def build(self, *options: str) -> None:
        """Build both Dockerfiles at once."""
        shared = ["build", "--layers", "--quiet", "--pull=never", *self._isolation.flags]
        running = [
            subprocess.Popen(
                ["buildah", *self._storage, *shared, *options, "--build-arg=VERSION=v1.0.0",
                 f"--tag=plain-{service}", ROOT / "services" / service],
                env=self._env, stdout=subprocess.DEVNULL,
            )
            for service in SERVICES
        ]  # fmt: skip
        ended = [process.wait() for process in running]
        if any(ended):
            raise SystemExit("plain buildah failed to build; nothing to compare with")

    def execs(self) -> float:
        """Return the seconds of one `buildah run` and `buildah commit`."""
        container = self.buildah("from", "--pull-never", "docker.io/library/alpine:3.22")
        start = time.perf_counter()
        for _ in range(EXECS):
            self.buildah("run", "--isolation=chroot", container, "--", "sh", "-c", "date > /stamp")
            self.buildah("commit", "--quiet", container, f"exec-{uuid.uuid4().hex}")
        return (time.perf_counter() - start) / EXECS


def _bases() -> set[str]:
    found: set[str] = set()
    for service in SERVICES:
        text = (ROOT / "services" / service / "Dockerfile").read_text()
        scanned = Dockerfile(text, platform=own_platform(), build_platform=own_platform(), args={})
        found |= {need.reference for need in scanned.needed()}
    return found


if __name__ == "__main__":
    main()
