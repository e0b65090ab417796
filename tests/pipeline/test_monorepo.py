"""A monorepo as teams have them: one context, four environments, two registries, a namespace for each environment.

`web` is built from the whole repository by a Dockerfile elsewhere, with a secret; its base names the image in full.
"""

import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import dagger
import pytest
from support import engine
from support.calls import Caller
from support.git_http import GitServer
from support.proxy import Proxy
from support.registry import Registry, serving
from support.workspace import Workspace, git

USER, OTHER_USER = "robot", "auditor"
TOKEN = ("--git-token", "env://GIT_TOKEN")
SECRET = secrets.token_urlsafe(24)
ENVIRONMENTS = ("dev", "test", "stg", "prod")
IMAGES = {"web": "ghcr.io/acme/web", "api": "api"}
FOLDERS = {"web": "deploy/web", "api": "apps/api/deploy"}
DOCKERFILE = f"""\
FROM busybox:1.37 AS build
ARG GREETING
COPY apps/web/content package.txt /out/
RUN --mount=type=secret,id=npm_token,required \\
    sha256sum /run/secrets/npm_token | grep -q '^{sha256(SECRET.encode()).hexdigest()} '
RUN echo "$GREETING" > /out/greeting
FROM scratch AS runtime
COPY --from=build /out /
FROM build AS debug
RUN exit 3
"""
DESCRIPTION = """\
project: {project}
registry: {{address: "localhost:{port}"}}
repository: {repository}
branch: main
manifests: deploy
namespaces: "{{project}}-{{environment}}"
environments:
  - {{name: dev}}
  - {{name: test, promotes-from: dev}}
  - {{name: stg, promotes-from: test}}
  - {{name: prod, promotes-from: stg, registry: {{address: "localhost:{other}"}}}}
services:
  - name: web
    context: .
    dockerfile: apps/web/Dockerfile
    target: runtime
    args: {{GREETING: hello}}
    secrets: [npm_token]
    image: ghcr.io/acme/web
  - {{name: api, context: ./apps/api/, manifests: apps/api/deploy}}
provenance: {{sbom: false, attest: false}}
tools: {tools}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
      - name: {name}
        image: {image}
"""


@dataclass(frozen=True, slots=True)
class Team:
    """The repository, its two registries, and what the whole way from build to prod reported."""

    workspace: Workspace
    call: Caller
    first: Registry
    other: Registry
    built: dict[str, Any]
    promoted: dict[str, dict[str, Any]]

    def digest(self, service: str, environment: str) -> str:
        """Return what an environment's registry has of a service."""
        registry = self.other if environment == "prod" else self.first
        return registry.digest(f"{environment}-{self.workspace.project}-{service}", "v1.2.3")


@pytest.fixture(scope="session")
async def other_server(dag: dagger.Client) -> AsyncIterator[Registry]:
    """Another registry, with a user and a password of its own."""
    password = secrets.token_urlsafe(24)
    async with serving(dag, OTHER_USER, password) as address:
        yield Registry(address, OTHER_USER, password)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _fill(workspace: Workspace, port: int, other: int) -> None:
    """Make a workspace the team's."""
    root, project = workspace.path, workspace.project
    git(root, "rm", "--quiet", "-r", "services", "manifests")
    values = {"project": project, "port": port, "other": other, "repository": workspace.url}
    _write(root / "pipeline.yaml", DESCRIPTION.format(**values, tools=engine.GIVEN_TOOLS))
    _write(root / "package.txt", "shared\n")
    _write(root / "apps/web/content", "web\n")
    _write(root / "apps/web/Dockerfile", DOCKERFILE)
    _write(root / "apps/api/content", "api\n")
    _write(root / "apps/api/Dockerfile", "FROM scratch\nCOPY content /content\n")
    for service, folder in FOLDERS.items():
        _write(root / folder / "base/deployment.yaml", DEPLOYMENT.format(name=service, image=IMAGES[service]))
        _write(root / folder / "base/kustomization.yaml", "resources:\n- deployment.yaml\n")
        for environment in ENVIRONMENTS:
            address = f"localhost:{other if environment == 'prod' else port}"
            entry = (
                f"- name: {IMAGES[service]}\n  newName: {address}/{environment}-{project}-{service}\n  newTag: v0.0.0\n"
            )
            text = f"namespace: {project}-{environment}\nresources:\n- ../../base\nimages:\n{entry}"
            _write(root / folder / "overlays" / environment / "kustomization.yaml", text)
    _write(root / "deploy/argocd/overlays/dev/kustomization.yaml", "namespace: argocd\n")  # of no service
    git(root, "add", "--all")
    workspace.push("Be a monorepo")


@pytest.fixture(scope="session")
def team(
    new_workspace: Callable[[], Workspace],
    registry_server: Proxy,
    other_server: Registry,
    git_server: GitServer,
    images: Registry,
) -> Team:
    """A release that went all the way: build --push, promote to test, stg and prod."""
    workspace = new_workspace()
    _fill(workspace, registry_server.port, other_server.address[1])
    given = {
        "FIRST": images.password,
        "OTHER": other_server.password,
        "GIT_TOKEN": git_server.writer,
        "npm_token": SECRET,
    }
    call = Caller(workspace.path, (), given, git_server.url.removeprefix("http://"))
    first = _login("", USER, "FIRST", registry_server.port)
    built = call(*first, "build", "--tag", "v1.2.3", "--push", "--build-secret", "env://npm_token", "--format", "json")
    assert built.code == 0, built.stderr
    assert SECRET not in built.stdout + built.stderr
    promoted = {}
    for environment in ENVIRONMENTS[1:]:
        logins = both_logins(registry_server.port, other_server) if environment == "prod" else first
        line = ("promote", "--version", "v1.2.3", "--target-env", environment, *TOKEN, "--format", "json")
        promoted[environment] = call(*logins, *line).json
    return Team(workspace, call, images, other_server, built.json, promoted)


def _login(which: str, user: str, variable: str, port: int) -> tuple[str, ...]:
    found = (f"--{which}registry-username", user, f"--{which}registry-password", f"env://{variable}")
    return (*found, f"--{which}registry-service", f"tcp://localhost:{port}")


def both_logins(port: int, other: Registry) -> tuple[str, ...]:
    """Return the flags of the credentials for prod's registry, and for the one that is promoted from."""
    return *_login("", OTHER_USER, "OTHER", other.address[1]), *_login("origin-", USER, "FIRST", port)


@pytest.fixture
def logins(registry_server: Proxy, other_server: Registry) -> tuple[str, ...]:
    registry_server.clear()
    return both_logins(registry_server.port, other_server)


def test_every_environment_has_the_digest_that_was_built_in_its_own_registry(team: Team) -> None:
    digests = {image["service"]: image["digest"] for image in team.built["images"]}
    assert set(digests) == {"web", "api"}
    for environment in ENVIRONMENTS:
        assert {service: team.digest(service, environment) for service in digests} == digests
    for environment, report in team.promoted.items():
        assert report["commit"]
        for service, digest in digests.items():
            overlay = team.workspace.show(f"{FOLDERS[service]}/overlays/{environment}/kustomization.yaml")
            assert f"name: {IMAGES[service]}\n" in overlay
            assert f"digest: {digest}" in overlay


def test_an_image_is_built_by_its_own_dockerfile_stage_and_arguments_from_the_whole_repository(team: Team) -> None:
    repository = f"dev-{team.workspace.project}-web"
    layers = [layer["digest"] for layer in team.first.manifest(repository, "v1.2.3")["layers"]]
    config = team.first.config(repository, "v1.2.3")
    assert config["config"]["Labels"]["org.opencontainers.image.version"] == "v1.2.3"
    assert len(layers) == 1  # the stage `runtime`
    assert team.first.config(f"dev-{team.workspace.project}-api", "v1.2.3")


def test_a_secret_is_in_no_layer_and_no_configuration(team: Team) -> None:
    for service in IMAGES:
        repository = f"dev-{team.workspace.project}-{service}"
        manifest = team.first.manifest(repository, "v1.2.3")
        for part in (manifest["config"], *manifest["layers"]):
            assert SECRET.encode() not in team.first.blob(repository, part["digest"])


def test_only_a_copy_to_another_registry_uploads_and_it_says_how_much(team: Team) -> None:
    sizes = {
        blob["digest"]: blob["size"]
        for service in IMAGES
        for manifest in [team.other.manifest(f"prod-{team.workspace.project}-{service}", "v1.2.3")]
        for blob in (manifest["config"], *manifest["layers"])
    }
    assert team.promoted["prod"]["uploaded"] == sum(sizes.values())
    assert "uploaded" not in team.promoted["stg"]


def test_a_finished_promotion_across_registries_uploads_nothing_more(team: Team, logins: tuple[str, ...]) -> None:
    line = ("promote", "--version", "v1.2.3", "--target-env", "prod", *TOKEN, "--format", "json")
    report = team.call(*logins, *line).json
    assert (report["changed"], report["uploaded"]) == (False, 0)


def test_status_asks_both_registries(team: Team, logins: tuple[str, ...]) -> None:
    report = team.call(*logins, "status", *TOKEN, "--format", "json").json
    digests = {image["service"]: image["digest"] for image in team.built["images"]}
    found = {environment["name"]: environment["services"] for environment in report["environments"]}
    for environment in ENVIRONMENTS[1:]:
        assert {one["service"]: one["digest"] for one in found[environment]} == digests
        assert {one["registry"] for one in found[environment]} == {"agrees"}


def test_a_registry_that_refuses_stops_no_answer_of_the_other(team: Team, registry_server: Proxy) -> None:
    only = _login("", USER, "FIRST", registry_server.port)
    report = team.call(*only, "status", *TOKEN, "--format", "json").json
    found = {environment["name"]: environment["services"] for environment in report["environments"]}
    assert {one["registry"] for one in found["stg"]} == {"agrees"}
    assert all(one["registry"].startswith("not asked: ") for one in found["prod"])
    assert all(one["version"] == "v1.2.3" for one in found["prod"])


def test_a_rollback_asks_the_environment_s_own_registry(team: Team, logins: tuple[str, ...]) -> None:
    line = ("rollback", "--target-env", "prod", *TOKEN, "--dry-run")
    assert (
        "prod has no state before this one to go back to (web ran v1.2.3; api ran v1.2.3)"
        in team.call(*logins, *line).error
    )
    before = ("rollback", "--target-env", "prod", "--to", "v1.2.3", *TOKEN, "--format", "json")
    report = team.call(*logins, *before).json
    assert (report["version"], report["changed"]) == ("v1.2.3", False)


def test_the_origin_s_registry_wants_its_own_password(
    team: Team, registry_server: Proxy, other_server: Registry
) -> None:
    line = ("promote", "--version", "v1.2.3", "--target-env", "prod", *TOKEN)
    mine = _login("", OTHER_USER, "OTHER", other_server.address[1])
    error = team.call(*mine, "--origin-registry-service", f"tcp://localhost:{registry_server.port}", *line).error
    assert "check --registry-username, --registry-password" in error
    assert other_server.password not in error


def test_a_rehearsal_needs_no_registry_and_no_password(team: Team) -> None:
    report = team.call("rehearse", "--tag", "v1.3.0", "--build-secret", "env://npm_token", "--format", "json").json
    assert set(report["digests"]) == set(IMAGES)
    assert "promote v1.3.0 to prod" in [stage["stage"] for stage in report["stages"]]


def test_the_check_takes_one_namespace_for_an_environment_and_leaves_other_folders_alone(team: Team) -> None:
    assert team.call("manifests").code == 0
    path = team.workspace.path / FOLDERS["api"] / "overlays/stg/kustomization.yaml"
    text = path.read_text()
    try:
        path.write_text(text.replace(f"namespace: {team.workspace.project}-stg", "namespace: api-stg"))
        error = team.call("manifests").error
    finally:
        path.write_text(text)
    assert error.endswith(f"has namespace: api-stg: write {team.workspace.project}-stg")


def test_a_secret_that_is_missing_is_named_before_anything_is_built(team: Team) -> None:
    assert "web needs the secret npm_token" in team.call("build", "--tag", "v1.2.3").error
    assert team.call("build", "--tag", "v1.2.3", "--services", "api").code == 0
    error = team.call(
        "build", "--tag", "v1.2.3", "--build-secret", "env://npm_token", "--build-secret", "env://FIRST"
    ).error
    assert "(env://…) ends in no id of a secret (npm_token)" in error
