"""Commands in containers: what they are given, what they leave, how they fail."""

import anyio
import dagger
import pytest
from dagger import ReturnType
from support import engine

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


async def test_output_streams_are_kept_apart_and_together(alpine: dagger.Container) -> None:
    done = alpine.with_exec(["sh", "-c", "echo out; echo err >&2"])

    assert await done.stdout() == "out\n"
    assert await done.stderr() == "err\n"
    assert sorted((await done.combined_output()).split()) == ["err", "out"]
    assert await done.exit_code() == 0


async def test_words_reach_the_command_as_they_are(alpine: dagger.Container) -> None:
    words = ["a b", "", "$HOME", "'", '"', "*", "ünï", "-n", "line\nbreak"]

    shown = await alpine.with_exec(["sh", "-c", 'for word; do printf "[%s]" "$word"; done', "sh", *words]).stdout()

    assert shown == "".join(f"[{word}]" for word in words)


async def test_stdin_is_given_whole(alpine: dagger.Container) -> None:
    text = "line\n" * 50_000

    assert await alpine.with_exec(["wc", "-c"], stdin=text).stdout() == f"{len(text)}\n"


async def test_a_command_without_stdin_reads_nothing(alpine: dagger.Container) -> None:
    assert await alpine.with_exec(["cat"]).stdout() == ""


async def test_streams_can_go_to_and_come_from_files(alpine: dagger.Container) -> None:
    done = (
        alpine.with_workdir("/work")
        .with_new_file("in.txt", "hello")
        .with_exec(
            ["sh", "-c", "tr a-z A-Z; echo oops >&2"],
            redirect_stdin="in.txt",
            redirect_stdout="out.txt",
            redirect_stderr="/tmp/err.txt",  # noqa: S108
        )
    )

    assert await done.file("/work/out.txt").contents() == "HELLO"
    assert await done.file("/tmp/err.txt").contents() == "oops\n"  # noqa: S108


async def test_a_file_gets_the_bytes_of_a_stream_as_they_are(alpine: dagger.Container) -> None:
    done = alpine.with_user("1000:1000").with_exec(["printf", r"\377\000\200"], redirect_stdout="/tmp/bytes")  # noqa: S108

    assert await done.with_exec(["od", "-An", "-tx1", "/tmp/bytes"]).stdout() == " ff 00 80\n"  # noqa: S108
    assert await done.with_exec(["stat", "-c", "%a %u:%g", "/tmp/bytes"]).stdout() == "600 1000:1000\n"  # noqa: S108


async def test_a_failure_tells_command_status_and_output(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.ExecError) as caught:
        await alpine.with_exec(["sh", "-c", "echo said; echo why >&2; exit 42"]).sync()

    assert caught.value.exit_code == 42
    assert caught.value.command == ["sh", "-c", "echo said; echo why >&2; exit 42"]
    assert caught.value.stdout == "said"
    assert caught.value.stderr == "why"
    assert "exit code: 42" in str(caught.value)


async def test_a_failure_carries_the_end_of_what_was_printed(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.ExecError) as caught:
        await alpine.with_exec(["sh", "-c", "yes abcdefghi | head -c 300000; exit 1"]).sync()

    assert caught.value.stdout.startswith("[omitting 197600 bytes]...")
    assert caught.value.stdout.endswith("\nabcdefghi")
    assert len(caught.value.stdout) == 102_400 - 1


@pytest.mark.parametrize(
    ("expect", "code", "holds"),
    [
        (ReturnType.SUCCESS, 0, True),
        (ReturnType.SUCCESS, 3, False),
        (ReturnType.FAILURE, 3, True),
        (ReturnType.FAILURE, 0, False),
        (ReturnType.ANY, 0, True),
        (ReturnType.ANY, 3, True),
        (ReturnType.ANY, 127, True),
        (ReturnType.ANY, 128, False),
        (ReturnType.ANY, 191, False),
        (ReturnType.ANY, 192, True),
        (ReturnType.FAILURE, 128, False),
        (ReturnType.FAILURE, 255, True),
    ],
)
async def test_the_expected_status_decides(
    alpine: dagger.Container, expect: ReturnType, code: int, holds: bool
) -> None:
    done = alpine.with_exec(["sh", "-c", f"touch /made; exit {code}"], expect=expect)

    if holds:
        assert await done.exit_code() == code
        assert await done.exists("/made")
    else:
        with pytest.raises(dagger.ExecError):
            await done.sync()


@pytest.mark.parametrize("signal", ["TERM", "KILL"])
async def test_a_signal_ends_a_command_with_128_and_its_number(alpine: dagger.Container, signal: str) -> None:
    with pytest.raises(dagger.ExecError) as caught:
        await alpine.with_exec(["sh", "-c", f"kill -{signal} $$"], expect=ReturnType.ANY).sync()

    assert caught.value.exit_code == {"TERM": 143, "KILL": 137}[signal]


async def test_orphans_are_reaped(alpine: dagger.Container) -> None:
    # The shell between leaves before its child does, which is then the first process's.
    script = """
        sh -c 'sleep 0.1 & echo $! > /pid'
        orphan=$(cat /pid)
        for _ in $(seq 200); do [ -e /proc/$orphan ] || break; sleep 0.05; done
        [ -e /proc/$orphan ] && cat /proc/$orphan/status || echo gone
    """
    assert await alpine.with_exec(["sh", "-c", script]).stdout() == "gone\n"


@pytest.mark.parametrize("no_init", [False, True])
@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("no-such-program", 'exec: "no-such-program": executable file not found in $PATH'),
        ("/no/such", "fork/exec /no/such: no such file or directory"),
        ("/etc/passwd", "fork/exec /etc/passwd: permission denied"),
    ],
)
async def test_a_program_that_cannot_be_started_is_named(
    alpine: dagger.Container, word: str, told: str, no_init: bool
) -> None:
    with pytest.raises(dagger.ExecError) as caught:
        await alpine.with_exec([word], no_init=no_init).sync()

    assert caught.value.exit_code == 1
    if no_init and engine.DAGGER:
        assert caught.value.stderr.startswith("runc run failed: unable to start container process: exec: ")
    else:
        assert caught.value.stderr == told


async def test_an_unknown_user_is_named(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.ExecError, match="unable to find user ghost") as caught:
        await alpine.with_user("ghost").with_exec(["true"], expect=ReturnType.ANY).sync()

    assert caught.value.exit_code == -1


async def test_a_stream_goes_to_no_folder_that_is_not_there(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.ExecError, match="open redirect stdout file: open .*/o/ut: no such file or directory"):
        await alpine.with_exec(["true"], redirect_stdout="/o/ut").sync()


async def test_there_must_be_a_command(dag: dagger.Client, alpine: dagger.Container) -> None:
    with pytest.raises(dagger.QueryError, match="command"):
        await alpine.without_default_args().with_exec([]).sync()


async def test_without_any_command_there_is_no_output(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.QueryError, match="no command has been set"):
        await alpine.without_default_args().stdout()


async def test_an_empty_command_is_the_default_one(alpine: dagger.Container) -> None:
    assert await alpine.with_default_args(["echo", "default"]).with_exec([]).stdout() == "default\n"
    own = alpine.with_entrypoint(["echo", "entry"]).with_default_args(["echo", "args"])
    assert await own.with_exec([]).stdout() == "args\n"
    assert await own.with_exec([], use_entrypoint=True).stdout() == "entry echo args\n"


async def test_the_entrypoint_is_used_when_asked_for(alpine: dagger.Container) -> None:
    echoing = alpine.with_entrypoint(["echo", "entry"])

    assert await echoing.with_exec(["word"], use_entrypoint=True).stdout() == "entry word\n"
    assert await echoing.with_exec(["echo", "word"]).stdout() == "word\n"


async def test_files_and_state_go_from_one_command_to_the_next(alpine: dagger.Container) -> None:
    done = (
        alpine.with_exec(["sh", "-c", "echo one > /file"])
        .with_exec(["sh", "-c", "echo two >> /file; rm -r /srv"])
        .with_exec(["cat", "/file"])
    )

    assert await done.stdout() == "one\ntwo\n"
    assert not await done.exists("/srv")
    assert await alpine.exists("/srv"), "a container never changes"


async def test_variables_are_expanded_where_asked_for(alpine: dagger.Container) -> None:
    named = alpine.with_env_variable("NAME", "world").with_env_variable("DIR", "/data/${NAME}", expand=True)

    assert await named.env_variable("DIR") == "/data/world"
    assert await named.with_exec(["echo", "hello $NAME"], expand=True).stdout() == "hello world\n"
    assert await named.with_exec(["echo", "hello $NAME"]).stdout() == "hello $NAME\n"
    assert await named.with_new_file("$DIR/file", "x", expand=True).exists("/data/world/file")


async def test_the_container_has_processes_a_host_name_and_devices_of_its_own(alpine: dagger.Container) -> None:
    script = """
        ls /proc | grep -c '^[0-9]'
        echo $$
        grep -c localhost /etc/hosts >/dev/null && echo hosts
        echo x > /dev/null && head -c 4 /dev/urandom | wc -c && test -w /dev/shm && echo devices
    """
    lines = (await alpine.with_exec(["sh", "-c", script], no_init=True).stdout()).split()

    assert int(lines[0]) < 10
    assert lines[1:] == ["1", "hosts", "4", "devices"]


async def test_what_the_engine_mounts_leaves_no_trace(alpine: dagger.Container, dag: dagger.Client) -> None:
    done = (
        alpine.with_mounted_directory("/mounted/deep", dag.directory().with_new_file("a", "a"))
        .with_mounted_secret("/run/secrets/token", dag.set_secret("trace", "x"))
        .with_exec(["touch", "/made"])
        .without_mount("/mounted/deep")
        .without_mount("/run/secrets/token")
    )

    assert await alpine.rootfs().diff(done.rootfs()).glob("**") == ["made"]


async def test_many_commands_run_side_by_side(alpine: dagger.Container) -> None:
    results: dict[int, str] = {}

    async def run(number: int) -> None:
        results[number] = await alpine.with_exec(["echo", str(number)]).stdout()

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(run, number)

    assert results == {number: f"{number}\n" for number in range(20)}


async def test_the_same_command_runs_once_however_often_it_is_asked_for(alpine: dagger.Container) -> None:
    results: set[str] = set()
    # What it prints differs each time that it really runs.
    done = alpine.with_exec(["sh", "-c", "cat /proc/sys/kernel/random/uuid; sleep 0.2"])

    async def run() -> None:
        results.add(await done.stdout())

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(run)

    assert len(results) == 1


async def test_a_changed_variable_runs_the_command_again(alpine: dagger.Container) -> None:
    async def run(value: str) -> str:
        return await alpine.with_env_variable("V", value).with_exec(["cat", "/proc/sys/kernel/random/uuid"]).stdout()

    assert await run("a") == await run("a")
    assert await run("a") != await run("b")


async def test_a_volatile_variable_is_given_and_does_not_run_the_command_again(alpine: dagger.Container) -> None:
    async def run(value: str) -> str:
        script = 'echo "$V"; cat /proc/sys/kernel/random/uuid'
        return await alpine.with_volatile_variable("V", value).with_exec(["sh", "-c", script]).stdout()

    first = await run("a")
    assert first.startswith("a\n")
    assert await run("b") == first


async def test_root_capabilities_are_given_only_when_asked_for(alpine: dagger.Container) -> None:
    mount = ["mount", "-t", "tmpfs", "none", "/mnt"]

    assert await alpine.with_exec(mount, expect=ReturnType.ANY).exit_code() != 0
    assert await alpine.with_exec(mount, insecure_root_capabilities=True).exit_code() == 0


@pytest.mark.usefixtures("local_only")
async def test_what_is_missing_is_refused_by_name(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.QueryError, match=r"Container.terminal is not supported by the local engine"):
        await alpine.terminal().sync()


async def test_a_nested_client_reaches_the_session(alpine: dagger.Container) -> None:
    done = alpine.with_exec(
        ["sh", "-c", 'test -n "$DAGGER_SESSION_PORT" && test -n "$DAGGER_SESSION_TOKEN"'],
        experimental_privileged_nesting=True,
    )

    assert await done.exit_code() == 0


@pytest.mark.usefixtures("local_only")
async def test_a_nested_client_is_not_given_the_machine(alpine: dagger.Container) -> None:
    ask = """
ask() { wget -qO- --header "Authorization: Basic $(printf %s: $DAGGER_SESSION_TOKEN | base64 -w0)" \\
  --header 'Content-Type: application/json' --post-data "$1" http://127.0.0.1:$DAGGER_SESSION_PORT/query; echo; }
ask '{"query": "{ directory { withNewFile(path: \\"f\\", contents: \\"x\\") { entries } } }"}'
ask '{"query": "{ host { directory(path: \\"/etc\\") { entries } } }"}'
ask '{"query": "{ secret(uri: \\"env://HOME\\") { plaintext } }"}'
ask '{"query": "{ directory { export(path: \\"/tmp/out\\") } }"}'
ask '{"query": "{ host { service(ports: [{backend: 22}]) { hostname } } }"}'
"""
    done = alpine.with_exec(["sh", "-c", ask], experimental_privileged_nesting=True)

    allowed, *refused = (await done.stdout()).splitlines()
    assert '["f"]' in allowed.replace(" ", "")
    assert len(refused) == 4
    assert all("from a container is not supported" in line for line in refused)


@pytest.mark.usefixtures("local_only")  # Dagger's shows a step its own
async def test_the_machines_control_groups_are_out_of_reach(alpine: dagger.Container) -> None:
    script = "find /sys/fs/cgroup -type d 2>/dev/null | while read d; do mkdir $d/escaped 2>/dev/null && echo $d; done"
    assert await alpine.with_exec(["sh", "-c", f"{script}; true"]).stdout() == ""
