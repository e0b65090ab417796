"""Measure the engine's own costs, in one run: `make bench`. It runs on whichever engine dagger-io is led to.

- a step: the median of 200 small commands, one on the other;
- a cached chain: 60 steps that were run before, in a new session, its start included;
- branches: eight that sleep, against one after another;
- publish: an image of 1,000 files of 40 KB, written as an archive; where buildah is, its commit and push beside it.

Aims: 25 ms a step, 0.5 s for the chain, 6 times faster side by side.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import anyio
import dagger
from dagger import dag

STEPS, CHAIN, BRANCHES, NAP = 200, 60, 8, 1.0
PROGRAM = Path(sys.executable).with_name("dagger-local")


def main() -> None:
    """Measure and print a table; called with a mark, do one session's part."""
    if len(sys.argv) > 1:
        anyio.run(_chain, sys.argv[1])
        return
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        os.environ["_EXPERIMENTAL_DAGGER_CLI_BIN"] = str(PROGRAM)
        if "DAGGER_LOCAL_STATE" not in os.environ:
            os.environ["DAGGER_LOCAL_STATE"] = f"{folder}/state"
        step, branches = anyio.run(_costs)
        mark = uuid.uuid4().hex[:8]
        _session(mark)
        chain = _session(mark)
        archive, plain = anyio.run(_publish, Path(folder)), _plain(Path(folder))
    print(f"{'a step':<28}{1000 * step:>10.1f} ms")
    print(f"{f'{CHAIN} cached steps':<28}{chain:>10.2f} s")
    print(f"{f'{BRANCHES} branches side by side':<28}{branches:>10.1f} x")
    print(
        f"{'an image of 1,000 files':<28}{archive:>10.2f} s" + (f"{archive / plain:>8.2f} x buildah" if plain else "")
    )


async def _costs() -> tuple[float, float]:
    async with dagger.connection(dagger.Config(log_output=sys.stderr)):
        base = await dag.container().from_("alpine:3.22.2").with_exec(["true"]).sync()
        taken = []
        chain = base.with_env_variable("RUN", str(uuid.uuid4()))
        for number in range(STEPS):
            start = time.perf_counter()
            chain = await chain.with_exec(["touch", f"/{number}"]).sync()
            taken.append(time.perf_counter() - start)

        async def nap() -> None:
            await base.with_env_variable("NAP", str(uuid.uuid4())).with_exec(["sleep", str(NAP)]).sync()

        start = time.perf_counter()
        async with anyio.create_task_group() as group:
            for _ in range(BRANCHES):
                group.start_soon(nap)
        return statistics.median(taken), BRANCHES * NAP / (time.perf_counter() - start)


def _session(mark: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, __file__, mark], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


async def _chain(mark: str) -> None:
    async with dagger.connection(dagger.Config(log_output=sys.stderr)):
        chain = dag.container().from_("alpine:3.22.2").with_env_variable("MARK", mark)
        for number in range(CHAIN):
            chain = chain.with_exec(["touch", f"/{number}"])
        await chain.sync()


async def _publish(folder: Path) -> float:
    files = folder / "files"
    files.mkdir()
    for number in range(1000):
        (files / str(number)).write_bytes(os.urandom(40_000))
    async with dagger.connection(dagger.Config(log_output=sys.stderr)):
        image = await dag.container().with_directory("/files", dag.host().directory(str(files))).sync()
        start = time.perf_counter()
        await image.export(str(folder / "image.tar"))
        return time.perf_counter() - start


def _plain(folder: Path) -> float | None:
    """Return the seconds that buildah takes to commit the files and write them as an archive; None without buildah."""
    if not shutil.which("buildah"):
        return None
    storage = [f"--root={folder / 'plain'}", "--storage-driver=overlay", f"--runroot={folder / 'runroot'}"]

    def buildah(*words: str | Path) -> str:
        line = ["buildah", *storage, *words]
        return subprocess.run(line, check=True, capture_output=True, text=True).stdout.strip()

    container = buildah("from", "scratch")
    buildah("copy", container, folder / "files", "/files")
    start = time.perf_counter()
    buildah("commit", "--quiet", container, f"oci-archive:{folder / 'plain.tar'}")
    taken = time.perf_counter() - start
    buildah("rm", container)
    return taken


if __name__ == "__main__":
    main()
