"""What a container is set up with: variables, user, working directory, labels, ports, health checks."""

import dagger
import pytest
from dagger import NetworkProtocol

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


async def test_variables_are_set_listed_and_taken_away(alpine: dagger.Container) -> None:
    named = alpine.with_env_variable("A", "1").with_env_variable("B", "x=y z").with_env_variable("A", "2")

    assert await named.env_variable("A") == "2"
    assert await named.env_variable("NONE") is None
    assert await named.with_exec(["sh", "-c", 'echo "$A $B"']).stdout() == "2 x=y z\n"
    listed = {await each.name(): await each.value() for each in await named.env_variables()}
    assert listed.items() >= {("A", "2"), ("B", "x=y z")}
    assert await named.without_env_variable("A").env_variable("A") is None


async def test_an_environment_files_variables_are_taken_over(dag: dagger.Client, alpine: dagger.Container) -> None:
    file = dag.env_file().with_variable("ONE", "1").with_variable("TWO", "2")

    done = alpine.with_env_file_variables(file).with_exec(["sh", "-c", "echo $ONE$TWO"])

    assert await done.stdout() == "12\n"


async def test_the_working_directory_is_made_and_relative_paths_start_there(alpine: dagger.Container) -> None:
    placed = alpine.with_workdir("/deep/er").with_workdir("still")

    assert await placed.workdir() == "/deep/er/still"
    assert await placed.with_exec(["pwd"]).stdout() == "/deep/er/still\n"
    assert await placed.with_new_file("file", "x").file("/deep/er/still/file").contents() == "x"
    assert await placed.without_workdir().with_exec(["pwd"]).stdout() == "/\n"


@pytest.mark.parametrize(
    ("user", "seen"),
    [("", "0 0"), ("0", "0 0"), ("1234", "1234 0"), ("1234:4321", "1234 4321"), ("nobody", None), ("root:1", "0 1")],
)
async def test_commands_run_as_the_user(alpine: dagger.Container, user: str, seen: str | None) -> None:
    shown = await alpine.with_user(user).with_exec(["sh", "-c", "echo $(id -u) $(id -g)"]).stdout()

    if seen:
        assert shown == f"{seen}\n"
    else:
        line = await alpine.with_exec(["grep", f"^{user}:", "/etc/passwd"]).stdout()
        assert shown.split() == line.split(":")[2:4]


async def test_an_unknown_user_is_named(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.QueryError, match="ghost"):
        await alpine.with_user("ghost").with_exec(["id"]).sync()


async def test_the_users_home_is_that_of_passwd(alpine: dagger.Container) -> None:
    own = alpine.with_new_file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n")

    assert await own.with_exec(["sh", "-c", "echo $HOME"]).stdout() == "/root\n"
    assert await own.with_user("ann").with_exec(["sh", "-c", "echo $HOME"]).stdout() == "/home/ann\n"


async def test_groups_of_the_user_are_added(alpine: dagger.Container) -> None:
    own = (
        alpine.with_new_file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n")
        .with_new_file("/etc/group", "root:x:0:\nann:x:1000:\nwheel:x:77:bob,ann\n")
        .with_user("ann")
    )

    assert (await own.with_exec(["id", "-G"]).stdout()).split() == ["1000", "77"]


async def test_labels_are_set_listed_and_taken_away(alpine: dagger.Container) -> None:
    labelled = alpine.with_label("a.b/c", "v w").with_label("gone", "x").without_label("gone")

    assert await labelled.label("a.b/c") == "v w"
    assert await labelled.label("gone") is None
    assert "a.b/c" in [await each.name() for each in await labelled.labels()]


async def test_entrypoint_and_default_arguments_are_kept_as_docker_keeps_them(alpine: dagger.Container) -> None:
    whole = alpine.with_default_args(["d"]).with_entrypoint(["e", "f"])

    assert await whole.entrypoint() == ["e", "f"]
    assert await whole.default_args() == []
    kept = alpine.with_default_args(["d"]).with_entrypoint(["e"], keep_default_args=True)
    assert await kept.default_args() == ["d"]
    assert await kept.without_entrypoint(keep_default_args=True).default_args() == ["d"]
    assert await kept.without_entrypoint().entrypoint() == []
    assert await kept.without_default_args().default_args() == []


async def test_ports_are_described(alpine: dagger.Container) -> None:
    exposed = (
        alpine.with_exposed_port(8080, description="web")
        .with_exposed_port(53, protocol=NetworkProtocol.UDP)
        .with_exposed_port(9, experimental_skip_healthcheck=True)
        .without_exposed_port(9)
    )

    ports = await exposed.exposed_ports()

    assert [(await port.port(), await port.protocol()) for port in ports] == [
        (8080, NetworkProtocol.TCP),
        (53, NetworkProtocol.UDP),
    ]
    assert await ports[0].description() == "web"


async def test_health_checks_are_kept(alpine: dagger.Container) -> None:
    checked = alpine.with_docker_healthcheck(["curl", "localhost"], interval="1m30s", timeout="5s", retries=2)

    check = checked.docker_healthcheck()
    assert check is not None
    assert await check.args() == ["curl", "localhost"]
    assert not await check.shell()
    assert await check.retries() == 2


async def test_a_duration_that_is_none_is_named(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.QueryError, match="soon"):
        await alpine.with_docker_healthcheck(["true"], interval="soon").sync()


async def test_an_error_can_be_raised_on_purpose(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.QueryError, match="on purpose"):
        await alpine.with_error("on purpose").sync()


async def test_the_platform_is_that_of_this_machine(dag: dagger.Client, alpine: dagger.Container) -> None:
    assert await alpine.platform() == await dag.default_platform()


async def test_the_image_reference_is_pinned_and_lost_with_the_first_change(alpine: dagger.Container) -> None:
    assert (await alpine.image_ref()).startswith("docker.io/library/alpine:")
    with pytest.raises(dagger.QueryError):
        await alpine.with_env_variable("A", "b").image_ref()


async def test_a_stand_in_does_not_claim_the_digest_that_was_asked_for(
    dag: dagger.Client, alpine: dagger.Container
) -> None:
    if "@" in await alpine.image_ref():
        pytest.skip("an image registry is in reach: alpine is alpine")
    asked = f"alpine:3.22.2@sha256:{'1' * 64}"
    assert await dag.container().from_(asked).image_ref() == "docker.io/library/alpine:3.22.2"
