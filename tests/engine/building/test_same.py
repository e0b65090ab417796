"""The same tree gives the same image: from an empty store, by another session, after any number that were killed."""

import contextlib
import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("local_only")]

KILLS = int(os.environ.get("TEST_KILLS", "4"))

DOCKERFILE = """
FROM alpine:3.22.2 AS build
WORKDIR /src
COPY . .
RUN for n in $(seq 200); do echo $n > $n; done; mkdir -p /out/deep && cp 1* /out/deep && date > /out/when
RUN rm /out/when && ln -s deep /out/link
FROM alpine:3.22.2
COPY --from=build /out /out
COPY <<EOF /note
written
EOF
RUN touch /made
"""

SCRIPT = """
import sys, anyio, dagger
from dagger import dag
async def main():
    async with dagger.connection():
        image = dag.host().directory(sys.argv[1]).docker_build(
            build_args=[dagger.BuildArg("SOURCE_DATE_EPOCH", "1700000000")])
        await image.export(sys.argv[2])
anyio.run(main)
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    place = tmp_path / "context"
    place.mkdir()
    (place / "Dockerfile").write_text(DOCKERFILE)
    (place / "file").write_text("content")
    return place


def start(program: Path, state: Path, context: Path, archive: Path) -> "subprocess.Popen[bytes]":
    line = [str(program), "-s", "run", sys.executable, "-c", SCRIPT, str(context), str(archive)]
    env = {**os.environ, "DAGGER_LOCAL_STATE": str(state)}
    return subprocess.Popen(line, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def build(program: Path, state: Path, context: Path, archive: Path) -> str:
    """Return the digest of the archive of a build."""
    building = start(program, state, context, archive)
    _, said = building.communicate()
    assert building.returncode == 0, said.decode()
    return hashlib.sha256(archive.read_bytes()).hexdigest()


def traces(state: Path) -> list[str]:
    """List what is left of sessions on a state: mounts, processes, unfinished work."""
    found = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(state) in line]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            line = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            found += [line] if str(state) in line else []
    drafts = {place.name for place in (state / "drafts").iterdir() if place.is_dir()}
    return found + sorted(drafts)


def test_two_builds_from_empty_stores_are_one_image(
    program: Path, new_state: Callable[[], Path], context: Path, tmp_path: Path
) -> None:
    first = build(program, new_state(), context, tmp_path / "one.tar")
    for path in context.iterdir():
        os.utime(path, (0, 0))  # as another checkout has other times
    assert build(program, new_state(), context, tmp_path / "two.tar") == first


def test_builds_that_are_killed_at_any_moment_leave_nothing_and_the_next_is_the_same(
    program: Path, new_state: Callable[[], Path], context: Path, tmp_path: Path
) -> None:
    began = time.monotonic()
    wanted = build(program, new_state(), context, tmp_path / "whole.tar")
    whole = time.monotonic() - began
    state = new_state()
    for _ in range(KILLS):
        building = start(program, state, context, tmp_path / "killed.tar")
        with contextlib.suppress(subprocess.TimeoutExpired):
            building.wait(random.uniform(0, whole))  # noqa: S311
        building.kill()
        building.communicate()

    assert build(program, state, context, tmp_path / "next.tar") == wanted
    assert traces(state) == []
