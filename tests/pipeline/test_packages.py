"""What is in it? What a reviewer sees of packages and base images, by what was attached when the images were built."""

import json
import re
from collections.abc import Callable

import dagger
import pytest
from support import engine
from support.calls import Caller
from support.proxy import Proxy
from support.workspace import Workspace, git

TOKEN = ("--git-token", "env://GIT_TOKEN")
IN_STG = ("--target-env", "stg", *TOKEN)


DOCKERFILE = """\
FROM golang:1.25 AS tool
WORKDIR /src
COPY go.mod go.sum main.go ./
RUN --mount=type=cache,target=/root/.cache/go-build CGO_ENABLED=0 go build -trimpath -o /out/tool .
FROM busybox:{busybox} AS shell
FROM scratch
ARG VERSION
LABEL version=$VERSION
COPY --from=shell /bin/busybox /bin/busybox
COPY --from=tool /out/tool /bin/tool
COPY package.json /app/node_modules/left-pad/package.json
"""
MAIN = 'package main\n\nimport "github.com/google/uuid"\n\nfunc main() { println(uuid.NewString()) }\n'
UUID = "github.com/google/uuid"
SUMS = {
    "1.5.0": "h1:1p67kYwdtXjb0gL0BPiP1Av9wiZPo5A8z2cWkTZ+eyU=",
    "1.6.0": "h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=",
}


def release(workspace: Workspace, call: Caller, tag: str, *, left_pad: str, uuid: str, busybox: str) -> None:
    """Build and push a version that has a package of npm, a module of Go, and something of a base image."""
    sums = f"{UUID} v{uuid} {SUMS[uuid]}\n{UUID} v{uuid}/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=\n"
    files = {
        "package.json": json.dumps({"name": "left-pad", "version": left_pad, "license": "WTFPL"}),
        "go.mod": f"module example.com/tool\n\ngo 1.24\n\nrequire {UUID} v{uuid}\n",
        "go.sum": sums,
        "main.go": MAIN,
        "Dockerfile": DOCKERFILE.format(busybox=busybox),
    }
    for name, text in files.items():
        (workspace.path / "services/web" / name).write_text(text)
    git(workspace.path, "add", "--all")
    workspace.push(f"Take left-pad {left_pad}")
    assert call("build", "--tag", tag, "--push").code == 0


@pytest.fixture
async def bases(dag: dagger.Client) -> None:
    """The base images, which a mirror that Dagger's engine asks may not have."""
    try:
        for version in ("1.36", "1.37"):
            await dag.container().from_(f"busybox:{version}").sync()
    except dagger.QueryError as error:
        if engine.DAGGER and "not found" in str(error):
            pytest.skip(f"the mirror has no busybox:{version}")
        raise


@pytest.fixture
def call(
    new_workspace: Callable[..., Workspace], new_caller: Callable[[Workspace], Caller], registry: Proxy, bases: None
) -> Caller:
    """Calls the module for a service of which stg runs v1.0.0, and dev has v1.1.0."""
    workspace = new_workspace(services=["web"], provenance="{}")
    call = new_caller(workspace)
    release(workspace, call, "v1.0.0", left_pad="1.2.0", uuid="1.5.0", busybox="1.36")
    assert call("promote", "--version", "v1.0.0", *IN_STG).code == 0
    workspace.pull()
    release(workspace, call, "v1.1.0", left_pad="1.3.0", uuid="1.6.0", busybox="1.37")
    return call


def test_a_package_and_a_base_image_of_another_version_are_named_before_they_come_and_read_where_they_run(
    call: Caller,
) -> None:
    planned = json.loads(call("plan", "--version", "v1.1.0", *IN_STG, "json").stdout)
    (service,) = planned["services"]
    assert service["packages"] == [
        {"name": UUID, "type": "golang", "before": "v1.5.0", "after": "v1.6.0"},
        {"name": "left-pad", "type": "npm", "before": "1.2.0", "after": "1.3.0"},
    ]
    (image,) = service["base_images"]
    assert image["name"] == "busybox"
    assert (image["before"].partition("@")[0], image["after"].partition("@")[0]) == ("1.36", "1.37")

    bill = call("bill-of-materials", "--service", "web", "--environment", "stg", *TOKEN, "--format", "json").json
    assert (bill["version"], bill["image"].partition("@")[2]) == ("v1.0.0", bill["digest"])
    assert {"name": "left-pad", "version": "1.2.0", "type": "npm", "licence": "WTFPL"} in bill["packages"]
    assert {one["name"] for one in bill["base_images"]} == {"busybox", "golang"}
    assert re.fullmatch("[0-9a-f]{40}", bill["source"]["commit"])
    assert (bill["builder"], bill["signatures"]) == ("urn:pipeline:local", [])
