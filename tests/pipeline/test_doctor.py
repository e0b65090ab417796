"""`doctor`: what a team that takes the pipeline up gets wrong, looked at on an engine and with an emulated GitHub."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from support.calls import Caller
from support.github import GitHub
from support.github_route import Request
from support.workspace import Workspace


@dataclass(slots=True)
class Settings:
    """What the emulated GitHub says of a repository's settings, by the end of the path."""

    answers: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, request: Request) -> tuple[int, Any] | None:
        found = [answer for end, answer in self.answers.items() if request.path.endswith(end)]
        return (200, found[0]) if found else None


def test_the_doctor_finds_what_is_wrong_inside_and_at_github(
    new_workspace: Callable[..., Workspace], new_caller: Callable[[Workspace], Caller], github: GitHub
) -> None:
    workspace = new_workspace(owner="acme")
    call = replace(new_caller(workspace), arguments=(), secrets={"GITHUB_TOKEN": github.reader})
    address = github.url.removeprefix("http://")
    asked = replace(call, arguments=("--github-api", github.url, "--github-service", f"tcp://{address}"))
    base = workspace.path / "manifests/backend/base/deployment.yaml"
    base.write_text(base.read_text().replace("image: backend\n", "image: example.com/another\n"))
    path = workspace.path / "pipeline.yaml"
    prod = "{name: prod, promotes-from: stg}"
    text = path.read_text().replace(f"project: {workspace.project}", "project: myapp")
    path.write_text(text.replace(prod, f"{prod[:-1]}, reviewers: [octocat]}}"))
    github.fault = Settings({
        "/environments": {"total_count": 0, "environments": []},
        "/actions/oidc/customization/sub": {"use_default": True},
    })  # fmt: skip
    report = asked("doctor", "--git-token", "env://GITHUB_TOKEN", "--format", "json").json
    assert report["looked_at"] == ["description", "overlays", "argo cd", "workflows", "tools", "github"]
    assert report["left_out"] == []
    found = {(one["part"], one["where"]): one for one in report["findings"]}
    for environment in ("dev", "stg", "prod"):
        where = f"manifests/backend/overlays/{environment}/kustomization.yaml"
        one = found.pop(("overlays", where))
        assert re.search("renders .*example.com/another instead of", one["problem"])
        assert one["cure"] == "its base must name the image as images: does"
    assert list(found) == [("github", "prod")]
    assert not [request for request in github.requests if request.method != "GET"]

    assert "not looked at: what GitHub says: give --git-token" in asked("doctor").stdout
    path.write_text("project: 7\n")
    assert "! description: pipeline.yaml: line 1: project: must be a text" in call("doctor").stdout
