import asyncio
import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from dagger_local.errors import EngineError, ExecError
from dagger_local.execution.trust import host_bundle
from dagger_local.images import ImageStore

pytestmark = [pytest.mark.anyio, pytest.mark.engine]

Context = Callable[[str], Path]


async def test_stages_arguments_and_secrets_work_and_a_second_build_is_the_same_image(
    store: ImageStore, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("token", "of the caller, who may name a variable as the secret")
    place = context(
        "ARG BASE=busybox\nFROM ${BASE} AS build\nARG VERSION\n"
        'RUN --mount=type=secret,id=token test "$(cat /run/secrets/token)" = hunter22 && echo "$VERSION" > /version\n'
        "FROM scratch\nCOPY --from=build /version /\nCOPY --from=alpine:3.20@sha256:" + "0" * 64 + " /etc/passwd /\n"
        "HEALTHCHECK CMD true\nUSER 65532\n"
    )
    built = [
        await store.build(place, build_args={"VERSION": "v1.2.3"}, secrets={"token": b"hunter22"}) for _ in range(2)
    ]
    assert built[0].id == built[1].id
    [version] = [path for layer in built[0].layers if (path := layer / "version").exists()]
    assert version.read_text() == "v1.2.3\n"
    assert built[0].config["config"]["User"] == "65532"
    assert built[0].config["config"]["Healthcheck"]["Test"] == ["CMD-SHELL", "true"]
    assert "hunter22" not in str(built[0].config)


async def test_a_failing_step_gives_its_command_its_status_and_its_last_lines(
    store: ImageStore, context: Context
) -> None:
    with pytest.raises(ExecError) as failed:
        await store.build(context("FROM busybox\nRUN --mount=type=cache,target=/c echo one; echo two >&2; exit 7\n"))
    assert failed.value.exit_code == 7
    assert failed.value.cmd == ["/bin/sh", "-c", "echo one; echo two >&2; exit 7"]
    assert set(failed.value.stderr.splitlines()) == {"one", "two"}


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [
        ("FROM busybox\nFOO x\n", 'Dockerfile: Unknown instruction: "FOO"'),
        ("FROM busybox\nCOPY missing /\n", 'Dockerfile: COPY missing /: "/missing": no such file or directory'),
        ("FROM Bad!\n", "invalid reference format: 'Bad!'"),
        ("", "the Dockerfile has no FROM"),
    ],
)
async def test_a_broken_dockerfile_is_one_clear_line(
    store: ImageStore, context: Context, dockerfile: str, message: str
) -> None:
    with pytest.raises(EngineError) as failed:
        await store.build(context(dockerfile))
    assert str(failed.value).startswith(message)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("name", ["Dockerfile.missing", "../outside", "."])
async def test_a_dockerfile_that_is_not_in_the_context_is_said_to_be_missing(
    store: ImageStore, context: Context, tmp_path: Path, name: str
) -> None:
    (tmp_path / "outside").write_text("FROM busybox\n")
    with pytest.raises(EngineError, match=r"there is no .* in the build context; create it"):
        await store.build(context("FROM busybox\n"), dockerfile=name)


async def test_what_the_dockerfile_ignores_is_not_copied(store: ImageStore, context: Context) -> None:
    place = context("FROM scratch\nCOPY . /\n")
    for name in ("kept", "left"):
        (place / name).write_text(name)
    (place / "Dockerfile.dockerignore").write_text("left\n")
    image = await store.build(place)
    names = {path.name for layer in image.layers for path in layer.iterdir()}
    assert "kept" in names
    assert "left" not in names


@pytest.mark.skipif(host_bundle() is None, reason="this host has no roots of its own")
async def test_steps_trust_what_the_host_trusts_and_layers_do_not_hold_it(store: ImageStore, context: Context) -> None:
    image = await store.build(
        context(
            "FROM alpine:3.20\nRUN cp /etc/ssl/certs/ca-certificates.crt /seen; echo ${NODE_EXTRA_CA_CERTS} >> /seen\n"
        )
    )
    own = [layer / "etc/ssl/certs/ca-certificates.crt" for layer in image.layers]
    bundle = host_bundle()
    assert bundle is not None
    assert (image.layers[-1] / "seen").read_text().startswith(bundle.read_text())
    assert not own[-1].exists()
    assert not list(image.layers[-1].glob("dev/*"))


async def test_a_cancelled_build_leaves_no_process(store: ImageStore, context: Context) -> None:
    mark = str(secrets.randbelow(10**8) + 10**8)
    building = asyncio.create_task(store.build(context(f"FROM busybox\nRUN sleep {mark}\n")))
    async with asyncio.timeout(60):
        while not building.done() and not _sleeping(mark):  # noqa: ASYNC110  (another program's process)
            await asyncio.sleep(0)
    building.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await building
    assert not _sleeping(mark)


def _sleeping(mark: str) -> bool:
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if process.read_bytes().split(b"\0")[:2] == [b"sleep", mark.encode()]:
                return True
    return False
