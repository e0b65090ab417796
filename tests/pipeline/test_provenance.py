"""What an image is made of is attached to it when it is pushed: once, by digest, signed where pipeline.yaml says so."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagger
import pytest
from support import engine
from support.calls import Caller
from support.proxy import Proxy, Request
from support.registry import Registry
from support.workspace import Workspace, git

from pipeline.registry import Credentials, copier
from pipeline.tools import toolbox

# Dagger's engine writes its own platform into what it builds for another, which is refused.
PLATFORMS = ["linux/amd64"] if engine.DAGGER else ["linux/amd64", "linux/arm64"]
PASSPHRASE = "a passphrase for tests"
ARGUMENT = "what-an-argument-is"  # in the image, but nobody else's business
DOCKERFILE = """\
ARG BASE=busybox:1.37
FROM --platform=$BUILDPLATFORM ${BASE} AS shell
FROM scratch
ARG MODE
ARG VERSION
LABEL version=$VERSION
COPY --from=shell /bin/busybox /
COPY content /
"""
LOCK = {
    "name": "web",
    "lockfileVersion": 3,
    "packages": {"": {"name": "web"}, "node_modules/left-pad": {"version": "1.3.0"}},
}
DENIED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
BUILD = (
    "build", "--tag", "v1.2.3", "--push", "--format", "json",
    "--image-signing-key", "env://KEY", "--image-signing-password", "env://PASSPHRASE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair of cosign's."""

    private: str
    public: str


@pytest.fixture
def workspace(new_workspace: Callable[..., Workspace]) -> Workspace:
    """One service with a base image, an argument and a package that leaves no trace in the image."""
    workspace = new_workspace(services=["web"], provenance="{sign: key}")
    folder = workspace.path / "services/web"
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "package-lock.json").write_text(json.dumps(LOCK))
    description = workspace.path / "pipeline.yaml"
    more = f"services/web, args: {{MODE: {ARGUMENT}}}, platforms: [{', '.join(PLATFORMS)}]}}"
    description.write_text(description.read_text().replace("services/web}", more))
    git(workspace.path, "add", "--all")
    workspace.push("Take a base image, an argument and a package")
    return workspace


@dataclass(frozen=True, slots=True)
class Cosign:
    """cosign, with the right to read the registry."""

    container: dagger.Container
    alias: str

    async def key(self, dag: dagger.Client) -> Key:
        """Make a key pair."""
        passphrase = dag.set_secret("passphrase-of-a-test", PASSPHRASE)
        made = self.container.with_workdir("/keys").with_secret_variable("COSIGN_PASSWORD", passphrase)
        folder = made.with_exec(["cosign", "generate-key-pair"]).directory(".")
        return Key(await folder.file("cosign.key").contents(), await folder.file("cosign.pub").contents())

    async def verify(self, key: Key, repository: str, digests: list[str]) -> None:
        """Verify that the key signed what the digests are of; an ExecError says what it did not."""
        words = [f"{self.alias}/{repository}@{digest}" for digest in digests]
        command = ["cosign", "verify", "--key", "/key.pub", "--insecure-ignore-tlog=true", *words]
        await self.container.with_new_file("/key.pub", key.public).with_exec(command).sync()


@pytest.fixture
async def cosign(dag: dagger.Client, registry: Proxy, password: str) -> Cosign:
    address = f"localhost:{registry.port}"
    service = dag.host().service([dagger.PortForward(backend=registry.port, frontend=registry.port)])
    secret = dag.set_secret(f"registry-of-a-test-{registry.port}", password)
    program = dag.container().from_(engine.TOOLS.cosign).file("/ko-app/cosign")
    tools = toolbox(engine.TOOLS).with_file("/usr/local/bin/cosign", program)
    reader = await copier(tools, {address: Credentials("robot", secret, service)})
    return Cosign(await reader.container.sync(), reader.inside[address])


@contextmanager
def answering(
    registry: Proxy, which: Callable[[Request], bool], answer: bytes | None = None
) -> Iterator[threading.Event]:
    """Answer some requests, or leave them waiting; the event says that one came."""
    came = threading.Event()

    async def fault(request: Request) -> bytes | None:
        if not which(request):
            return None
        came.set()
        if answer is None:
            await asyncio.sleep(3600)
        return answer

    registry.fault = fault
    yield came
    registry.fault = None


def refers_to(images: Registry, repository: str, digest: str) -> dict[str, Any]:
    """Return what refers to a digest, by digest, where the registry has no referrers API."""
    index = images.manifest(repository, digest.replace(":", "-")) or {"manifests": []}
    found = {one["digest"]: images.manifest(repository, one["digest"]) for one in index["manifests"]}
    assert len(found) == len(index["manifests"])
    assert all(manifest["subject"]["digest"] == digest for manifest in found.values())
    return found


def of_type(found: dict[str, Any], artifact_type: str) -> list[tuple[str, Any]]:
    return [(digest, one) for digest, one in found.items() if one["artifactType"] == artifact_type]


async def test_what_a_killed_and_a_refused_run_left_is_completed_once_and_verifies(  # noqa: PLR0917
    dag: dagger.Client,
    workspace: Workspace,
    call: Caller,
    registry: Proxy,
    images: Registry,
    cosign: Cosign,
    password: str,
) -> None:
    key, repository = await cosign.key(dag), f"dev-{workspace.project}-web"
    given = {"KEY": key.private, "PASSPHRASE": PASSPHRASE}
    with (
        answering(registry, lambda request: "/referrers/" in request.path) as came,
        call.start(*BUILD, **given) as process,
    ):
        while not came.wait(0.1):
            assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()
    pushed = images.digest(repository, "v1.2.3")
    assert not refers_to(images, repository, pushed)

    with answering(registry, lambda request: request.method == "PUT" and "/manifests/sha256:" in request.path, DENIED):
        error = call(*BUILD, **given).error
    assert len(error.splitlines()) == 1
    assert f"web: attaching sbom to localhost:{registry.port}/{repository}@sha256:" in error
    assert error.endswith("; the image itself is pushed: run again to complete it")

    done = call(*BUILD, **given)
    [image] = done.json["images"]
    assert image["attached"] == {"signature": len(PLATFORMS) + 2, "sbom": len(PLATFORMS), "provenance": 1}
    assert image["digest"] == images.digest(repository, "v1.2.3") == pushed
    signed = [pushed]
    said = json.dumps(images.config(repository, _children(images, repository, pushed)[0]))
    for child in _children(images, repository, pushed):
        [(digest, manifest)] = of_type(refers_to(images, repository, child), "application/spdx+json")
        signed.append(digest)
        text = images.blob(repository, manifest["layers"][0]["digest"]).decode()
        found = {one["name"]: one["versionInfo"] for one in json.loads(text)["packages"]}
        assert found.pop(f"localhost:{registry.port}/{repository}") == child
        assert set(found) == {"busybox", "left-pad"}
        said += text
    [(digest, manifest)] = of_type(refers_to(images, repository, pushed), "application/vnd.in-toto+json")
    signed.append(digest)
    text = images.blob(repository, manifest["layers"][0]["digest"]).decode()
    definition = json.loads(text)["predicate"]["buildDefinition"]
    assert json.loads(text)["subject"][0]["digest"] == {"sha256": pushed.removeprefix("sha256:")}
    assert definition["externalParameters"]["arguments"] == ["MODE", "SOURCE_DATE_EPOCH", "VERSION"]
    source, base = definition["resolvedDependencies"]
    assert source["digest"] == {"gitCommit": git(workspace.path, "rev-parse", "HEAD")}
    assert base["uri"] == "pkg:docker/busybox@1.37"
    await cosign.verify(key, repository, signed)
    for secret in (PASSPHRASE, key.private.splitlines()[1], password, ARGUMENT):
        assert secret not in said + text
        # Dagger's engine shows the arguments of a build, which are no secrets.
        assert secret not in done.stderr or (engine.DAGGER and secret == ARGUMENT)

    registry.clear()
    again = call(*BUILD, **given).json["images"]
    assert again == [image | {"already_there": True}]
    assert not [request for request in registry.requests if request.writes]


def _children(images: Registry, repository: str, digest: str) -> list[str]:
    """Return the images of an index; of one platform there is none."""
    return [one["digest"] for one in images.manifest(repository, digest).get("manifests", [{"digest": digest}])]


def test_a_key_that_does_not_open_is_refused_before_anything_is_pushed(call: Caller, registry: Proxy) -> None:
    error = call(*BUILD, KEY="-----BEGIN OPENSSH PRIVATE KEY-----", PASSPHRASE=PASSPHRASE).error
    assert error == (
        "InvalidInput: the secret of --image-signing-key is no private key of cosign's: "
        "cosign generate-key-pair makes one"
    )
    assert not registry.requests
