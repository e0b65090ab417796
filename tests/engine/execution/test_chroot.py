"""The fallback without runc keeps the promises that can be kept by chroot alone."""

import secrets
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import dagger
import pytest
from dagger import ReturnType

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


@pytest.fixture(scope="module")
async def dag(anyio_backend: str, program: Path, new_state: Callable[[], Path]) -> AsyncIterator[dagger.Client]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DAGGER_SESSION_PORT", "DAGGER_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setenv("_EXPERIMENTAL_DAGGER_CLI_BIN", str(program))
        patch.setenv("DAGGER_LOCAL_STATE", str(new_state()))
        patch.setenv("DAGGER_LOCAL_RUNTIME", "chroot")
        async with dagger.Connection(dagger.Config(log_output=sys.stderr)) as client:
            yield client


async def test_commands_run_and_leave_their_files(alpine: dagger.Container) -> None:
    done = alpine.with_exec(["sh", "-c", "echo out; echo err >&2; echo x > /made; rm /etc/profile"])

    assert (await done.stdout(), await done.stderr()) == ("out\n", "err\n")
    assert await alpine.rootfs().diff(done.rootfs()).glob("**") == ["made"]
    assert not await done.exists("/etc/profile")


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -TERM $$", 143)])
async def test_the_exit_status_is_the_commands(alpine: dagger.Container, script: str, code: int) -> None:
    with pytest.raises(dagger.ExecError) as caught:
        await alpine.with_exec(["sh", "-c", script]).sync()

    assert caught.value.exit_code == code


async def test_a_missing_program_is_named(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.ExecError) as caught:
        await alpine.with_exec(["no-such-program"]).sync()

    assert caught.value.exit_code == 1
    assert "no-such-program" in caught.value.stderr + str(caught.value)


async def test_user_variables_directory_and_stdin(alpine: dagger.Container) -> None:
    set_up = alpine.with_user("1000:2000").with_env_variable("A", "b").with_workdir("/tmp")  # noqa: S108
    done = set_up.with_exec(["sh", "-c", 'echo "$(id -u):$(id -g) $A $PWD $(cat)"'], stdin="in")

    assert await done.stdout() == "1000:2000 b /tmp in\n"


async def test_mounts_caches_temporary_files_and_secrets(dag: dagger.Client, alpine: dagger.Container) -> None:
    cache = dag.cache_volume(secrets.token_hex(8))
    mounted = (
        alpine.with_mounted_directory("/src", dag.directory().with_new_file("a", "a"))
        .with_mounted_directory("/ro", dag.directory().with_new_file("r", "r"), read_only=True)
        .with_mounted_file("/one", dag.file("f", "file"))
        .with_mounted_cache("/cache", cache)
        .with_mounted_temp("/scratch")
        .with_mounted_secret("/secret", dag.set_secret("chroot", "shh"))
        .with_secret_variable("TOKEN", dag.set_secret("chroot-variable", "hush"))
    )
    script = """
        cat /src/a /one; test "$(cat /secret)" = shh && test $TOKEN = hush && echo told
        touch /src/b /cache/c /scratch/s; touch /ro/x || echo ro
    """

    done = mounted.with_exec(["sh", "-c", script])

    assert await done.stdout() == "afiletold\nro\n"
    assert await done.directory("/src").entries() == ["a", "b"]
    again = alpine.with_mounted_cache("/cache", cache).with_exec(["ls", "/cache"])
    assert await again.stdout() == "c\n"


async def test_the_command_has_processes_and_devices_of_its_own(alpine: dagger.Container) -> None:
    script = (
        "ls /proc | grep -c '^[0-9]'; echo x > /dev/null; head -c 4 /dev/urandom | wc -c; test -c /dev/tty && echo tty"
    )
    lines = (await alpine.with_exec(["sh", "-c", script]).stdout()).split()

    assert int(lines[0]) < 10
    assert lines[1:] == ["4", "tty"]


async def test_the_hosts_files_are_out_of_reach(alpine: dagger.Container, tmp_path: Path) -> None:
    (tmp_path / "host").write_text("mine")

    escaped = alpine.with_exec(["cat", f"/proc/1/root{tmp_path}/host"], expect=ReturnType.ANY)

    assert await escaped.exit_code() != 0


async def test_services_are_reached(alpine: dagger.Container, free_tcp_port: int) -> None:
    port = str(free_tcp_port)
    web = (
        alpine.with_new_file("/www/index.html", "hello")
        .with_exposed_port(free_tcp_port)
        .as_service(args=["httpd", "-f", "-p", port, "-h", "/www"])
    )

    done = alpine.with_service_binding("web", web).with_exec(["wget", "-qO-", f"http://web:{port}"])

    assert await done.stdout() == "hello"
    await web.stop()


async def test_a_dockerfile_is_built(dag: dagger.Client) -> None:
    context = dag.directory().with_new_file("Dockerfile", "FROM alpine:3.22.2\nRUN echo built > /built\n")

    assert await context.docker_build().file("/built").contents() == "built\n"
