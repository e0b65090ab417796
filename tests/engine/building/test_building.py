"""What a table of single builds cannot show."""

import secrets
import tarfile
from pathlib import Path

import dagger
import pytest

from dagger_local.execution.trust import host_bundle

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("local_only")]

FROM = "FROM alpine:3.22.2\n"


def context(dag: dagger.Client, dockerfile: str, **files: str) -> dagger.Directory:
    """Return a build context with a Dockerfile."""
    folder = dag.directory().with_new_file("Dockerfile", dockerfile)
    for name, text in files.items():
        folder = folder.with_new_file(name, text)
    return folder


async def test_a_failing_step_gives_its_command_its_status_and_its_output(dag: dagger.Client) -> None:
    with pytest.raises(dagger.ExecError) as failed:
        await context(dag, FROM + "RUN echo one; echo two >&2; exit 7\n").docker_build().sync()
    assert failed.value.exit_code == 7
    assert failed.value.command == ["/bin/sh", "-c", "echo one; echo two >&2; exit 7"]
    assert (failed.value.stdout.strip(), failed.value.stderr.strip()) == ("one", "two")
    assert str(failed.value).startswith("Dockerfile, line 2: RUN echo one; echo two >&2; exit 7: exit code: 7")


async def test_a_failing_stage_that_is_not_needed_is_not_built(dag: dagger.Client) -> None:
    dockerfile = FROM.strip() + " AS bad\nRUN false\n" + FROM + "RUN echo fine > /x\n"
    assert await context(dag, dockerfile).docker_build().file("/x").contents() == "fine\n"


async def test_stages_that_wait_for_nothing_are_built_side_by_side(dag: dagger.Client) -> None:
    # Each waits for the other in a cache that both have: one after the other, neither would end.
    cache = f"RUN --mount=type=cache,id={secrets.token_hex(8)},target=/c"
    wait = "for _ in $(seq 400); do test -e /c/{} && exit 0; sleep 0.05; done; exit 1"
    dockerfile = (
        f"{FROM.strip()} AS one\n{cache} touch /c/one; {wait.format('two')}\n"
        f"{FROM.strip()} AS two\n{cache} touch /c/two; {wait.format('one')}\n"
        f"{FROM}COPY --from=one /etc/passwd /one\nCOPY --from=two /etc/passwd /two\n"
    )
    assert await context(dag, dockerfile).docker_build().exists("/two")


async def test_what_a_mount_shows_is_read_only_and_what_is_written_to_it_is_lost(dag: dagger.Client) -> None:
    dockerfile = (
        FROM
        + "RUN --mount=type=bind,target=/in,rw echo new > /in/f && cat /in/f > /x\n"
        + "RUN --mount=type=bind,target=/in cat /in/f >> /x\n"
        + "RUN --mount=type=bind,source=f,target=/f sh -c 'echo x > /f' 2>/dev/null || echo read-only >> /x\n"
    )
    built = context(dag, dockerfile, f="old\n").docker_build()
    assert await built.file("/x").contents() == "new\nold\nread-only\n"
    assert not await built.exists("/in")


async def test_a_cache_is_seeded_by_a_copy_of_a_stage(dag: dagger.Client) -> None:
    name = secrets.token_hex(8)
    dockerfile = (
        f"{FROM.strip()} AS seed\nRUN mkdir /d && echo {name} > /d/f\n"
        f"{FROM}RUN --mount=type=cache,id={name},from=seed,source=/d,target=/c echo more >> /c/f\n"
        "COPY --from=seed /d/f /x\n"
    )
    assert await context(dag, dockerfile).docker_build().file("/x").contents() == f"{name}\n"


async def test_files_that_are_added_come_from_archives_wherever_their_names_point(
    dag: dagger.Client, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(FROM + "RUN ln -s /etc /out\nADD a.tar.gz /in/\n")
    (tmp_path / "f").write_text("f\n")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "f", "../../../f")
    (tmp_path / "f").unlink()

    built = dag.host().directory(str(tmp_path)).docker_build()

    assert await built.directory("/in").entries() == ["f"]


async def test_a_file_is_added_from_a_server_once_for_a_checksum(dag: dagger.Client) -> None:
    server = dag.container().from_("alpine:3.22.2").with_new_file("/www/some%20file", "served\n")
    service = server.with_exposed_port(8080).as_service(args=["busybox", "httpd", "-f", "-p", "8080", "-h", "/www"])
    tunnel = await dag.host().tunnel(service).start()
    address = (await tunnel.endpoint()).rpartition(":")[2]
    wrong = FROM + f"ADD --checksum=sha256:{'0' * 64} http://localhost:{address}/some%2520file /x\n"

    built = context(dag, FROM + f"ADD http://localhost:{address}/some%2520file /d/\n").docker_build()
    assert await built.file("/d/some%20file").contents() == "served\n"
    with pytest.raises(dagger.QueryError, match=r"Dockerfile, line 2: ADD: .* is sha256:[0-9a-f]{64}, not sha256:0"):
        await context(dag, wrong).docker_build().sync()
    await tunnel.stop()


@pytest.mark.skipif(host_bundle() is None, reason="this host has no roots of its own")
async def test_steps_trust_what_the_host_trusts_and_layers_do_not_hold_it(dag: dagger.Client) -> None:
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    built = context(dag, FROM + f"RUN cp {bundle} /seen; echo $NODE_EXTRA_CA_CERTS >> /seen\n").docker_build()
    host = host_bundle()
    assert host is not None
    assert (await built.file("/seen").contents()).startswith(host.read_text())
    below = dag.container().from_("alpine:3.22.2")
    assert await built.file(bundle).contents() == await below.file(bundle).contents()
    assert await built.directory("/dev").entries() == await below.directory("/dev").entries()
