"""Images in and out: archives, and a registry that demands a password."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import dagger
import pytest
from support import engine

from ..conftest import Registry

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


def allowed(registry: Registry, password: dagger.Secret) -> Callable[[dagger.Container], dagger.Container]:
    """Give a container the right to use the registry."""
    return lambda container: container.with_registry_auth(registry.address, registry.username, password)


@pytest.fixture
def made(alpine: dagger.Container) -> dagger.Container:
    return (
        alpine.with_new_file("/made", "content")
        .with_exec(["sh", "-c", "rm /etc/profile; mkdir -p /srv/a; chown 12:34 /srv/a"])
        .with_env_variable("E", "nv")
        .with_label("l", "abel")
        .with_annotation("org.example.note", "ation")
        .with_user("1000")
        .with_workdir("/srv")
        .with_entrypoint(["cat"])
        .with_default_args(["/made"])
        .with_exposed_port(8080)
    )


async def check(taken: dagger.Container) -> None:
    """Hold an image that came back to what was sent."""
    assert await taken.with_exec([], use_entrypoint=True).stdout() == "content"
    assert await taken.env_variable("E") == "nv"
    assert await taken.label("l") == "abel"
    assert await taken.user() == "1000"
    assert await taken.workdir() == "/srv"
    assert await taken.entrypoint() == ["cat"]
    assert await taken.default_args() == ["/made"]
    assert [await port.port() for port in await taken.exposed_ports()] == [8080]
    assert not await taken.exists("/etc/profile")
    assert await taken.with_exec(["stat", "-c", "%u:%g", "/srv/a"]).stdout() == "12:34\n"


async def test_an_image_survives_export_and_import(dag: dagger.Client, made: dagger.Container, tmp_path: Path) -> None:
    target = tmp_path / "out" / "image.tar"

    assert await made.export(str(target)) == str(target)
    await check(dag.container().import_(dag.host().file(str(target))))

    with tarfile.open(target) as archive:
        index = json.load(archive.extractfile("index.json") or pytest.fail("no index.json"))
        assert "oci-layout" in archive.getnames()
        digest = index["manifests"][0]["digest"].removeprefix("sha256:")
        manifest = json.load(archive.extractfile(f"blobs/sha256/{digest}") or pytest.fail("no manifest"))
    assert manifest["annotations"]["org.example.note"] == "ation"


async def test_an_image_survives_a_tarball_of_its_own(dag: dagger.Client, made: dagger.Container) -> None:
    await check(dag.container().import_(made.as_tarball()))


async def test_the_same_image_is_the_same_bytes(made: dagger.Container, tmp_path: Path) -> None:
    await made.export(str(tmp_path / "one.tar"))
    await made.export(str(tmp_path / "two.tar"))

    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


async def test_an_image_is_pushed_and_pulled_with_the_password(
    dag: dagger.Client, made: dagger.Container, registry: Registry
) -> None:
    secret = dag.set_secret("images-password", registry.password)
    reference = await made.with_(allowed(registry, secret)).publish(f"{registry.address}/a/b:v1")

    name, _, digest = reference.partition("@sha256:")
    assert name == f"{registry.address}/a/b:v1"
    assert len(digest) == 64
    pulled = dag.container().with_(allowed(registry, secret)).from_(f"{registry.address}/a/b@sha256:{digest}")
    await check(pulled)
    assert await made.with_(allowed(registry, secret)).publish(f"{registry.address}/a/b:v2") == (
        f"{registry.address}/a/b:v2@sha256:{digest}"
    )


@pytest.mark.usefixtures("local_only")  # Dagger's asks it by HTTPS on port 443
async def test_a_registry_service_answers_for_the_name(
    dag: dagger.Client, made: dagger.Container, registry: Registry
) -> None:
    secret = dag.set_secret("images-password", registry.password)
    signed = made.with_registry_auth("registry.example/team", registry.username, secret)

    reference = await signed.publish("registry.example/team/c:v1", registry_service=registry.service)

    assert reference.startswith("registry.example/team/c:v1@sha256:")


async def test_a_wrong_password_is_told_and_not_shown(
    dag: dagger.Client, made: dagger.Container, registry: Registry
) -> None:
    wrong = dag.set_secret("images-wrong", "not-the-password")

    with pytest.raises(dagger.QueryError) as caught:
        await made.with_(allowed(registry, wrong)).publish(f"{registry.address}/a/b:v9")
    assert registry.address in str(caught.value)
    assert "not-the-password" not in str(caught.value)
    with pytest.raises(dagger.QueryError, match="(?i)unauthorized|authentication|denied|credentials"):
        await made.publish(f"{registry.address}/a/b:v9")


async def test_an_image_that_is_nowhere_is_named(dag: dagger.Client, registry: Registry) -> None:
    with pytest.raises(dagger.QueryError, match="no-such-image"):
        await dag.container().from_(f"{registry.address}/no-such-image:v1").sync()
    with pytest.raises(dagger.QueryError, match="127.0.0.1:1/"):
        await dag.container().from_("127.0.0.1:1/nothing:v1").sync()


async def test_a_reference_that_is_none_is_named(dag: dagger.Client) -> None:
    for reference in ("UPPER", "a b", "x:y:z", ""):
        with pytest.raises(dagger.QueryError):
            await dag.container().from_(reference).sync()


async def test_a_dockerfile_is_built_with_arguments_target_and_secrets(dag: dagger.Client) -> None:
    dockerfile = """
        FROM alpine:3.22.2 AS base
        ARG VERSION=none
        LABEL version=$VERSION
        COPY data /data
        RUN --mount=type=secret,id=token test -s /run/secrets/token && echo "$VERSION" > /version
        FROM base AS other
        RUN echo other > /which
        FROM base
        RUN echo last > /which
        CMD ["cat", "/version", "/which"]
    """
    context = dag.directory().with_new_file("data", "d").with_new_file("build/File", dockerfile)
    token = dag.set_secret("token", "shh")
    arguments = [dagger.BuildArg("VERSION", "v9")]

    built = context.docker_build(dockerfile="build/File", build_args=arguments, secrets=[token])
    other = context.docker_build(dockerfile="build/File", build_args=arguments, secrets=[token], target="other")

    assert await built.with_exec([], use_entrypoint=True).stdout() == "v9\nlast\n"
    assert await built.label("version") == "v9"
    assert await built.file("/data").contents() == "d"
    assert await other.file("/which").contents() == "other\n"
    assert not await built.exists("/run/secrets/token")


async def test_a_failing_build_tells_its_last_lines(dag: dagger.Client) -> None:
    context = dag.directory().with_new_file("Dockerfile", "FROM alpine:3.22.2\nRUN echo why it failed; exit 7\n")

    with pytest.raises(dagger.QueryError, match="7") as caught:
        await context.docker_build().sync()
    said = str(caught.value) + getattr(caught.value, "stdout", "") + getattr(caught.value, "stderr", "")
    assert "why it failed" in said


async def test_a_missing_dockerfile_is_named(dag: dagger.Client) -> None:
    with pytest.raises(dagger.QueryError, match="Dockerfile"):
        await dag.directory().docker_build().sync()


async def test_a_package_is_added_to_alpine_and_an_unknown_one_refused(alpine: dagger.Container) -> None:
    looked = ["sh", "-c", "command -v apk"]
    if engine.DAGGER and await alpine.with_exec(looked, expect=dagger.ReturnType.ANY).exit_code():
        pytest.skip("alpine of this mirror has no apk; the original has")
    script = 'apk add --no-cache bash jq && echo \'{"a": [1, 2]}\' | jq -c .a && /bin/bash -c "echo in bash"'
    assert (await alpine.with_exec(["sh", "-c", script]).stdout()).splitlines()[-2:] == ["[1,2]", "in bash"]

    with pytest.raises(dagger.ExecError) as refused:
        await alpine.with_exec(["apk", "add", "no-such-package"]).sync()
    assert "no-such-package" in refused.value.stdout + refused.value.stderr
