"""Secrets: used by commands, told to no one."""

import os
import secrets
from pathlib import Path

import dagger
import pytest
from dagger import ReturnType

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


@pytest.fixture
def plaintext() -> str:
    return f"s3cret-{secrets.token_hex(16)}"


@pytest.fixture
def secret(dag: dagger.Client, plaintext: str) -> dagger.Secret:
    return dag.set_secret("password", plaintext)


async def test_a_secret_is_a_variable(alpine: dagger.Container, secret: dagger.Secret, plaintext: str) -> None:
    given = alpine.with_secret_variable("PASSWORD", secret)

    compare = ["sh", "-c", 'test "$PASSWORD" = "$(cat)" && echo same']
    assert await given.with_exec(compare, stdin=plaintext).stdout() == "same\n"
    assert await given.env_variable("PASSWORD") is None
    done = given.without_secret_variable("PASSWORD").with_exec(["sh", "-c", "echo ${PASSWORD-unset}"])
    assert await done.stdout() == "unset\n"


async def test_a_secret_is_a_file_with_owner_and_mode(
    alpine: dagger.Container, secret: dagger.Secret, plaintext: str
) -> None:
    mounted = alpine.with_mounted_secret("/run/secrets/password", secret, owner="1000:1000", mode=0o440)

    assert await mounted.with_exec(["stat", "-c", "%u:%g %a", "/run/secrets/password"]).stdout() == "1000:1000 440\n"
    assert (
        await mounted.with_exec(["wc", "-c", "/run/secrets/password"]).stdout()
        == f"{len(plaintext)} /run/secrets/password\n"
    )
    reading = mounted.with_user("2000:2000").with_exec(["cat", "/run/secrets/password"], expect=ReturnType.ANY)
    assert await reading.exit_code() != 0
    with pytest.raises(dagger.QueryError, match="secret"):
        await mounted.file("/run/secrets/password").contents()


async def test_a_secret_is_in_no_layer(alpine: dagger.Container, secret: dagger.Secret) -> None:
    done = (
        alpine.with_mounted_secret("/token", secret).with_secret_variable("TOKEN", secret).with_exec(["touch", "/made"])
    )

    assert await alpine.rootfs().diff(done.rootfs()).glob("**") == ["made"]
    assert not await done.rootfs().exists("/token")


async def test_what_a_command_prints_of_a_secret_is_masked(
    alpine: dagger.Container, secret: dagger.Secret, plaintext: str
) -> None:
    given = alpine.with_secret_variable("TOKEN", secret).with_mounted_secret("/token", secret)
    done = given.with_exec(["sh", "-c", 'echo "is $TOKEN"; cat /token >&2'])

    assert await done.stdout() == "is ***\n"
    assert await done.stderr() == "***"
    with pytest.raises(dagger.ExecError) as failed:
        await given.with_exec(["sh", "-c", "cat /token; exit 3"]).sync()
    assert plaintext not in f"{failed.value} {failed.value.stdout}"


async def test_a_secret_is_told_by_its_owner_only(dag: dagger.Client, secret: dagger.Secret, plaintext: str) -> None:
    assert await secret.plaintext() == plaintext
    assert await secret.name() == "password"
    assert plaintext not in await secret.id()


async def test_a_set_secret_is_known_by_its_name(dag: dagger.Client, alpine: dagger.Container) -> None:
    async def run(value: str) -> str:
        given = alpine.with_secret_variable("S", dag.set_secret("changing", value))
        return await given.with_exec(["cat", "/proc/sys/kernel/random/uuid"]).stdout()

    assert await run("first-value") == await run("second-value")


async def test_a_second_value_takes_the_place_of_the_first(dag: dagger.Client, alpine: dagger.Container) -> None:
    before = alpine.with_mounted_secret("/s", dag.set_secret("replaced", "first-value"))
    await before.sync()
    await dag.set_secret("replaced", "second").id()

    # Masked output tells nothing; its length does.
    assert await before.with_exec(["sh", "-c", "wc -c < /s"]).stdout() == "6\n"


async def test_a_changed_file_of_a_secret_runs_the_command_again(
    dag: dagger.Client, alpine: dagger.Container, tmp_path: Path
) -> None:
    async def run(value: str) -> str:
        (tmp_path / "token").write_text(value)
        given = alpine.with_secret_variable("S", dag.secret(f"file://{tmp_path}/token"))
        return await given.with_exec(["cat", "/proc/sys/kernel/random/uuid"]).stdout()

    first = await run("first-value")
    assert await run("first-value") == first
    assert await run("second-value") != first


@pytest.mark.parametrize("value", ["ab", "whole-secret", "one\ntwo"])
async def test_a_file_gets_no_secret_of_a_stream(dag: dagger.Client, alpine: dagger.Container, value: str) -> None:
    given = alpine.with_secret_variable("S", dag.set_secret(f"redirected-{value[:2]}", value))
    done = given.with_exec(["sh", "-c", 'printf "x%sx" "$S"'], redirect_stdout="/out")

    assert await done.file("/out").contents() == "x***x"
    assert await done.stdout() == "x***x"


async def test_a_secret_variable_cannot_be_expanded_where_it_would_be_seen(
    alpine: dagger.Container, secret: dagger.Secret
) -> None:
    with pytest.raises(dagger.QueryError, match="secret"):
        await alpine.with_secret_variable("S", secret).with_exec(["echo", "$S"], expand=True).sync()


async def test_secrets_come_from_files_commands_and_variables(
    dag: dagger.Client, alpine: dagger.Container, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("from file")

    assert await dag.secret(f"file://{tmp_path}/token").plaintext() == "from file"
    assert await dag.secret("cmd://printf 'from %s' command").plaintext() == "from command"
    assert await dag.secret("env://PATH").plaintext() == os.environ["PATH"]


@pytest.mark.usefixtures("local_only")
@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("env://NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE is not set"),
        ("file:///no/such/file", "/no/such/file"),
        ("cmd://echo why >&2; exit 3", "exited with 3: why"),
        ("plain", "env://NAME"),
        ("vault://x", "not supported by the local engine"),
        ("magic://x", "magic:// is not known"),
    ],
)
async def test_a_secret_that_cannot_be_read_is_explained(dag: dagger.Client, uri: str, told: str) -> None:
    with pytest.raises(dagger.QueryError, match=told):
        await dag.secret(uri).plaintext()


@pytest.mark.usefixtures("local_only")
async def test_a_secret_is_in_no_file_of_the_state_and_in_no_command_line(
    alpine: dagger.Container, secret: dagger.Secret, plaintext: str, session_state: Path
) -> None:
    script = 'cat /proc/[0-9]*/cmdline > /tmp/all; grep -c "$TOKEN" /tmp/all; rm /tmp/all'
    done = (
        alpine.with_mounted_secret("/token", secret)
        .with_secret_variable("TOKEN", secret)
        .with_new_file("/x", "x")
        .with_exec(["sh", "-c", script])
    )
    assert await done.stdout() == "0\n"

    leaks = [path for path in session_state.rglob("*") if path.is_file() and plaintext.encode() in path.read_bytes()]
    assert leaks == []
    for argv in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert plaintext.encode() not in argv.read_bytes()
        except ProcessLookupError:
            continue
