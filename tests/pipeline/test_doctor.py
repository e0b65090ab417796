"""`doctor`: what a team gets wrong, looked at on an engine, with an emulated GitHub and an emulated AWS."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from support.aws import ACCOUNT, REGION, Aws
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
    assert report["left_out"] == ['what AWS says: give --aws-credentials cmd://"aws configure export-credentials"']
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


def test_the_doctor_asks_aws_what_nobody_sees_in_the_repository(new_workspace: Callable[..., Workspace]) -> None:
    workspace = new_workspace()
    path = workspace.path / "pipeline.yaml"
    name = workspace.project
    text = path.read_text().replace('"438950223046"', f'"{ACCOUNT}"')
    path.write_text(text.replace(workspace.url, f"https://github.com/acme/{name}"))
    with Aws().serving() as aws:
        call = Caller(workspace.path, (), {"AWS_KEY": aws.credentials})
        ecr, iam = aws.client("ecr"), aws.client("iam")
        for service in ("backend", "frontend"):
            for environment in ("dev", "stg", "prod"):
                lax = (service, environment) == ("backend", "stg")
                if (service, environment) != ("frontend", "prod"):
                    ecr.create_repository(
                        repositoryName=f"{environment}-{name}-{service}",
                        imageTagMutability="MUTABLE" if lax else "IMMUTABLE",
                    )
        for role, context in (
            ("build", "environment:dev"), ("promote-stg", "environment:*"), ("plan", "ref:refs/heads/main"),
        ):  # fmt: skip
            iam.create_role(RoleName=f"{name}-{role}", AssumeRolePolicyDocument=trust(f"acme/{name}", context))

        aws.settings["BLOB_MOUNTING"] = "DISABLED"
        report = call("doctor", *aws.arguments, "--format", "json").json
        assert report["looked_at"][-1] == "aws"
        assert report["left_out"] == ["what GitHub says: give --git-token, one with actions: read"]
        found = [(one["where"], one["problem"]) for one in report["findings"] if one["part"] == "aws"]
        assert sorted(found) == sorted([
            (f"stg-{name}-backend", "a release's tag can be overwritten: MUTABLE"),
            (f"prod-{name}-frontend", "there is no such repository"),
            (f"{ACCOUNT} in {REGION}", "a promotion uploads all layers again: blob mounting is off"),
            (f"{name}-promote-prod", "there is no such role"),
            (f"{name}-promote-stg", "its trust takes the jobs of every environment"),
        ])  # fmt: skip
        assert set(aws.asked) == {"GetCallerIdentity", "DescribeRepositories", "GetAccountSetting", "GetRole"}

        aws.denied |= {"GetRole", "GetAccountSetting"}
        report = call("doctor", *aws.arguments, "--format", "json").json
        assert [line for line in report["left_out"] if "AWS answers 400 AccessDeniedException" in line] == [
            f"blob mounting in {REGION}: AWS answers 400 AccessDeniedException: give --aws-credentials that may look",
            *(
                f"the role {name}-{role}: AWS answers 400 AccessDeniedException: give --aws-credentials that may look"
                for role in ("build", "promote-stg", "promote-prod", "plan")
            ),
        ]
        wrong = call("doctor", *aws.arguments, AWS_KEY=aws.credentials.replace("wJalr", "xJalr"))
        assert "not looked at: what AWS says: AWS answers 400 InvalidSignatureException" in wrong.stdout
        assert "xJalr" not in wrong.stdout + wrong.stderr


def trust(repository: str, context: str) -> str:
    """Return a trust policy in which both forms of the subject are."""
    owner, _, name = repository.partition("/")
    issuer = "token.actions.githubusercontent.com"
    subjects = [f"repo:{repository}:{context}", f"repo:{owner}@1/{name}@2:{context}"]
    condition = {"StringLike": {f"{issuer}:sub": subjects}, "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"}}
    principal = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})
