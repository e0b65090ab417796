"""What is in it? What a reviewer sees of packages and base images, by what was attached when the images were built."""

import json
import re
from collections.abc import Callable

import pytest
from support.calls import Caller
from support.proxy import Proxy
from support.workspace import Workspace, git

TOKEN = ("--git-token", "env://GIT_TOKEN")
IN_STG = ("--target-env", "stg", *TOKEN)


def release(workspace: Workspace, call: Caller, tag: str, left_pad: str, busybox: str) -> None:
    """Build and push a version that has a package of npm, and something of a base image."""
    folder = workspace.path / "services/web"
    (folder / "package.json").write_text(json.dumps({"name": "left-pad", "version": left_pad, "license": "WTFPL"}))
    (folder / "Dockerfile").write_text(
        f"FROM busybox:{busybox} AS shell\nFROM scratch\nARG VERSION\nLABEL version=$VERSION\n"
        "COPY --from=shell /bin/busybox /bin/busybox\nCOPY package.json /app/node_modules/left-pad/package.json\n"
    )
    git(workspace.path, "add", "--all")
    workspace.push(f"Take left-pad {left_pad}")
    assert call("build", "--tag", tag, "--push").code == 0


@pytest.fixture
def call(new_workspace: Callable[..., Workspace], new_caller: Callable[[Workspace], Caller], registry: Proxy) -> Caller:
    """Calls the module for a service of which stg runs v1.0.0, and dev has v1.1.0."""
    workspace = new_workspace(services=["web"], provenance="{}")
    call = new_caller(workspace)
    release(workspace, call, "v1.0.0", "1.2.0", "1.36")
    assert call("promote", "--version", "v1.0.0", *IN_STG).code == 0
    workspace.pull()
    release(workspace, call, "v1.1.0", "1.3.0", "1.37")
    return call


def test_a_package_and_a_base_image_of_another_version_are_named_before_they_come_and_read_where_they_run(
    call: Caller,
) -> None:
    planned = json.loads(call("plan", "--version", "v1.1.0", *IN_STG, "json").stdout)
    (service,) = planned["services"]
    assert service["packages"] == [{"name": "left-pad", "type": "npm", "before": "1.2.0", "after": "1.3.0"}]
    (image,) = service["base_images"]
    assert image["name"] == "busybox"
    assert (image["before"].partition("@")[0], image["after"].partition("@")[0]) == ("1.36", "1.37")

    bill = call("bill-of-materials", "--service", "web", "--environment", "stg", *TOKEN, "--format", "json").json
    assert (bill["version"], bill["image"].partition("@")[2]) == ("v1.0.0", bill["digest"])
    assert {"name": "left-pad", "version": "1.2.0", "type": "npm", "licence": "WTFPL"} in bill["packages"]
    assert [one["name"] for one in bill["base_images"]] == ["busybox"]
    assert re.fullmatch("[0-9a-f]{40}", bill["source"]["commit"])
    assert (bill["builder"], bill["signatures"]) == ("urn:pipeline:local", [])
