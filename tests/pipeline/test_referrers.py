"""Signatures, SBOMs and provenance travel with an image; what lacks them, or pretends to have them, does not."""

import base64
import secrets
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import dagger
import pytest
from support import engine
from support.calls import Caller
from support.proxy import Proxy, Request
from support.referrers import PROVENANCE, SBOM, Cosign, ReferrersApi
from support.registry import Registry, serving
from support.workspace import Workspace

TOKEN = ("--git-token", "env://GIT_TOKEN")
STG = ("promote", "--version", "v1.2.3", "--target-env", "stg", *TOKEN)
PROD = ("promote", "--version", "v1.2.3", "--target-env", "prod", *TOKEN)
REQUIRE = ", require: [signature, sbom, provenance], signers: [{key: keys/cosign.pub}]}"
EVERYTHING = {"sbom": 1, "provenance": 1, "signature": 3}
USER, OTHER_USER = "robot", "auditor"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 13\r\nConnection: close\r\n\r\nnot for you\r\n"


@pytest.fixture(scope="module")
async def cosign(dag: dagger.Client, tmp_path_factory: pytest.TempPathFactory) -> Cosign:
    """cosign with two key pairs."""
    folder = tmp_path_factory.mktemp("cosign")
    await dag.container().from_(engine.TOOLS.cosign).file("/ko-app/cosign").export(str(folder / "cosign"))
    found = Cosign(folder / "cosign", folder)
    for name in ("team", "stranger"):
        found.generate(name)
    return found


@pytest.fixture(scope="module")
async def elsewhere(dag: dagger.Client) -> AsyncIterator[tuple[Proxy, Registry]]:
    """Another registry, with another password and the referrers API."""
    password = secrets.token_urlsafe(24)
    async with serving(dag, OTHER_USER, password) as address:
        holds = Registry(address, OTHER_USER, password)
        proxy = Proxy(address)
        with proxy.serving():
            api = ReferrersApi(holds)
            proxy.fault, proxy.amend = api.fault, api.amend
            yield proxy, holds


def _auth(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _require(workspace: Workspace, cosign: Cosign, environment: str, more: str = "") -> None:
    """Let an environment require everything, signed by the team."""
    (workspace.path / "keys").mkdir(exist_ok=True)
    (workspace.path / "keys/cosign.pub").write_text((cosign.folder / "team.pub").read_text())
    path = workspace.path / "pipeline.yaml"
    lines = [
        f"{line.removesuffix('}')}{more}{REQUIRE}" if f"{{name: {environment}," in line else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")


def _complete(images: Registry, repository: str, digest: str, sign: Callable[..., None]) -> list[str]:
    """Attach an SBOM and provenance to an image, sign all three, and return their digests."""
    attached = [images.attach(repository, digest, kind, f'"{kind}"') for kind in (SBOM, PROVENANCE)]
    sign(*(f"{repository}@{each}" for each in (digest, *attached)))
    return attached


def test_what_refers_to_an_image_walks_over_two_registries_and_is_verified_in_each(
    *,
    workspace: Workspace,
    call: Caller,
    images: Registry,
    registry: Proxy,
    elsewhere: tuple[Proxy, Registry],
    cosign: Cosign,
    password: str,
) -> None:
    proxy, other = elsewhere
    here, there = f"localhost:{registry.port}", f"localhost:{proxy.port}"
    for environment, more in (("stg", ""), ("prod", f', registry: {{address: "{there}"}}')):
        _require(workspace, cosign, environment, more)
    text = (workspace.path / "pipeline.yaml").read_text()
    registry_line = next(line for line in text.splitlines() if line.startswith("registry: "))
    (workspace.path / "pipeline.yaml").write_text(text.replace(registry_line, f'registry: {{address: "{here}"}}'))
    cosign.login({here: _auth(USER, password), there: _auth(OTHER_USER, other.password)})

    dev, stg, prod = (f"{environment}-{workspace.project}-backend" for environment in ("dev", "stg", "prod"))
    digest = images.seed(dev, "v1.2.3")
    attached = _complete(images, dev, digest, lambda *names: cosign.sign("team", *(f"{here}/{name}" for name in names)))

    mine = ("--registry-service", f"tcp://{here}", "--registry-username", USER, "--registry-password", "env://FIRST")
    team = replace(call, arguments=mine, secrets=call.secrets | {"FIRST": password})
    first = team(*STG, "--services", "backend", "--format", "json").json["services"][0]
    assert first["referrers"] == {"count": 5, "copied": 5, "kinds": EVERYTHING, "missing": []}
    assert "Promoted-Referrers: backend 5" in workspace.message().splitlines()
    entries = {entry["digest"]: entry for entry in images.manifest(stg, digest.replace(":", "-"))["manifests"]}
    assert [entries[each]["artifactType"] for each in attached] == [SBOM, PROVENANCE]

    bill = team("bill-of-materials", "--service", "backend", "--environment", "stg", *TOKEN, "--format", "json").json
    assert bill["verified"] is True
    assert sorted(one["what"] for one in bill["signatures"]) == ["image", "provenance", "sbom"]
    assert len({one["by"] for one in bill["signatures"]}) == 1

    both = (
        *("--registry-service", f"tcp://{there}", "--registry-username", OTHER_USER),
        *("--registry-password", "env://SECOND", "--origin-registry-service", f"tcp://{here}"),
        *("--origin-registry-username", USER, "--origin-registry-password", "env://FIRST"),
    )
    team = replace(team, arguments=both, secrets=team.secrets | {"SECOND": other.password})
    ended = team(*PROD, "--services", "backend")
    assert (ended.code, ended.stdout.count(" 5 copied\n")) == (0, 1), ended.stderr
    assert "has no" not in ended.stdout
    said = f"{ended.stdout} {ended.stderr} {workspace.message()}"
    assert password not in said
    assert other.password not in said
    assert other.digest(prod, digest.replace(":", "-")) == "", "a registry with the API needs no tag"

    for place in (f"{here}/{stg}", f"{there}/{prod}"):
        cosign.verify("team", *(f"{place}@{each}" for each in (digest, *attached)))


def test_what_was_tampered_with_is_refused_by_name_and_nothing_is_copied(
    *,
    new_workspace: Callable[..., Workspace],
    new_caller: Callable[[Workspace], Caller],
    images: Registry,
    registry: Proxy,
    cosign: Cosign,
    password: str,
) -> None:
    services = ("swapped", "foreign", "unsigned", "dangling")
    workspace = new_workspace(services=services)
    _require(workspace, cosign, "prod")
    here = f"localhost:{registry.port}"
    cosign.login({here: _auth(USER, password)})
    repositories = {name: f"stg-{workspace.project}-{name}" for name in services}
    digests = {name: images.seed(repository, "v1.2.3") for name, repository in repositories.items()}
    for name, repository in repositories.items():
        workspace.pin(name, "stg", f"{here}/{repository}", "v1.2.3", digests[name])
    workspace.push("stg runs v1.2.3")
    for name in services:
        key = "stranger" if name == "foreign" else "team"
        sign = (lambda *_: None) if name == "unsigned" else (
            lambda *names, key=key: cosign.sign(key, *(f"{here}/{each}" for each in names))
        )  # fmt: skip
        sbom, _ = _complete(images, repositories[name], digests[name], sign)
        listed = images.referrers(repositories[name], digests[name])
        if name == "swapped":
            images.refer(repositories[name], digests[name], [each for each in listed if each != sbom])
            images.delete(repositories[name], sbom)
            evil = images.attach(repositories[name], digests[name], SBOM, '"nothing to see"')
        elif name == "dangling":
            images.delete(repositories[name], sbom)
            gone = sbom
    before = workspace.commits()
    registry.clear()
    lines = new_caller(workspace)(*PROD).error.removeprefix("Refused: ").splitlines()
    problems = {name: "\n".join(line for line in lines if line.startswith(f"{name}: ")) for name in services}
    assert [len(text.splitlines()) for text in problems.values()] == [1, 3, 1, 1]
    place = {name: f"{here}/{repository}@" for name, repository in repositories.items()}
    assert problems["dangling"].startswith(f"dangling: {gone} is listed for {digests['dangling']}, but is not there")
    assert f"but {place['unsigned']}{digests['unsigned']} has no signature: build and sign" in problems["unsigned"]
    assert f"its sbom {place['swapped']}{evil} is not signed by keys/cosign.pub" in problems["swapped"]
    assert f"{place['foreign']}{digests['foreign']} is not signed by keys/cosign.pub, as prod" in problems["foreign"]
    assert "accepted signatures do not match" in problems["foreign"], "cosign itself says so"
    assert not [request for request in registry.requests if request.writes]
    assert workspace.commits() == before


def test_a_call_that_was_killed_after_the_images_is_finished_by_two_at_once(
    workspace: Workspace, call: Caller, images: Registry, registry: Proxy
) -> None:
    """The registry refuses the referrers API, as some do, so that only its tags tell what there is."""
    digests, wanted = {}, {}
    for name in ("backend", "frontend"):
        dev = f"dev-{workspace.project}-{name}"
        digests[name] = images.seed(dev, "v1.2.3")
        wanted[name] = {images.attach(dev, digests[name], SBOM, f'"{number}"') for number in range(3)}
    process = call.start(*STG)
    ended: list[str] = []

    async def kill(request: Request) -> bytes | None:
        if "/referrers/" in request.path:
            return REFUSED
        attaching = f"stg-{workspace.project}-" in request.path and "/manifests/sha256:" in request.path
        if request.method == "PUT" and attaching and not ended:
            ended.append(request.path)
            process.send_signal(signal.SIGKILL)
        return None

    registry.fault = kill
    process.communicate()
    assert ended
    for name, digest in digests.items():
        assert images.digest(f"stg-{workspace.project}-{name}", "v1.2.3") == digest, "the images came first"
    before = workspace.commits()
    two = [call.start(*STG) for _ in range(2)]
    for process in two:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert workspace.commits()[1:] == before, "one commit, no duplicate"
    assert "Promoted-Referrers: backend 3" in workspace.message().splitlines()
    for name, digest in digests.items():
        found = images.referrers(f"stg-{workspace.project}-{name}", digest)
        assert (len(found), set(found)) == (3, wanted[name])
    assert call(*STG).stdout.rstrip().endswith("nothing to do")
