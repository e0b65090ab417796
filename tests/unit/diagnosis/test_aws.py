"""What AWS says is compared with the description: registries, and whom the roles trust."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pipeline.description import Description, Environment, Service
from pipeline.diagnosis.aws_api import account_of, code_of, endpoint_of, key_of, trust_of
from pipeline.diagnosis.registries import kept, mounted, repositories
from pipeline.diagnosis.roles import roles, trusted
from pipeline.errors import InvalidInput
from pipeline.registry import Ecr, ecr_of
from pipeline.tools import Answer

ISSUER = "token.actions.githubusercontent.com"
REGISTRY = "438950223046.dkr.ecr.eu-central-1.amazonaws.com"
OTHER = "222222222222.dkr.ecr.us-gov-west-1.amazonaws.com"
DESCRIPTION = Description(
    project="shop", registry=REGISTRY, repository="https://github.com/acme/shop", branch="main", manifests="manifests",
    environments=(Environment("dev"), Environment("prod", "dev", registry=OTHER)), services=(Service("api", "api"),),
)  # fmt: skip
PROD = next(role for role in roles(DESCRIPTION) if role.name == "shop-promote-prod")


def policy(**changes: Any) -> dict[str, Any]:
    """Return a role's trust as it should be; a condition that is None is left out."""
    equal = {
        "aud": ["sts.amazonaws.com"],
        "sub": ["repo:acme/shop:environment:prod", "repo:acme@1/shop@2:environment:prod"],
        "repository_id": ["2"],
    } | changes  # fmt: skip
    condition = {"StringEquals": {f"{ISSUER}:{name}": value for name, value in equal.items() if value is not None}}
    return {"Statement": [statement(condition)]}


def statement(condition: dict[str, Any]) -> dict[str, Any]:
    principal = {"Federated": f"arn:aws:iam::222222222222:oidc-provider/{ISSUER}"}
    return {
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": principal, "Condition": condition
    }  # fmt: skip


def like(subject: str) -> dict[str, Any]:
    return {"Statement": [statement({"StringLike": {f"{ISSUER}:sub": subject, f"{ISSUER}:aud": "sts.amazonaws.com"}})]}


def test_each_image_has_a_repository_and_each_role_a_home() -> None:
    assert ecr_of("ghcr.io/acme") is None
    here, there = Ecr("438950223046", "eu-central-1"), Ecr("222222222222", "us-gov-west-1")
    assert repositories(DESCRIPTION) == [(here, "dev-shop-api"), (there, "prod-shop-api")]
    assert (here.partition, there.partition) == ("aws", "aws-us-gov")
    assert [(role.name, role.place, role.context) for role in roles(DESCRIPTION)] == [
        ("shop-build", here, "environment:dev"),
        ("shop-promote-prod", there, "environment:prod"),
        ("shop-plan", here, "ref:refs/heads/main"),
    ]
    assert roles(replace(DESCRIPTION.at("ghcr.io/acme"))) == []


@pytest.mark.parametrize(
    ("mutability", "filters", "fine"),
    [
        ("IMMUTABLE", [], True),
        ("MUTABLE", [], False),
        ("IMMUTABLE_WITH_EXCLUSION", ["latest", "nightly-*"], True),
        ("IMMUTABLE_WITH_EXCLUSION", ["v*"], False),
        ("MUTABLE_WITH_EXCLUSION", ["v*"], True),
        ("MUTABLE_WITH_EXCLUSION", ["latest"], False),
    ],
)
def test_a_release_is_not_to_be_overwritten(mutability: str, filters: list[str], fine: bool) -> None:
    excluded = [{"filterType": "WILDCARD", "filter": one} for one in filters]
    answer = {
        "repositories": [{"imageTagMutability": mutability, "imageTagMutabilityExclusionFilters": excluded}]
    }  # fmt: skip
    assert [one.problem for one in kept("a", answer)] == (
        [] if fine else [f"a release's tag can be overwritten: {mutability}"]
    )
    assert list(kept("a", {})), "an answer that says nothing is no proof"


def test_layers_are_to_be_mounted() -> None:
    place = Ecr("1" * 12, "eu-central-1")
    assert list(mounted(place, {"name": "BLOB_MOUNTING", "value": "ENABLED"})) == []
    (found,) = mounted(place, {"name": "BLOB_MOUNTING", "value": "DISABLED"})
    assert "blob mounting is off" in found.problem


@pytest.mark.parametrize(
    "fine",
    [
        policy(),
        policy(sub=["repo:acme/shop:environment:prod", "repo:acme@77/shop@88:environment:prod"], repository_id=None),
        like("repo:acme*/shop*:environment:prod"),
    ],
)
def test_a_role_that_trusts_its_own_jobs_is_fine(fine: Any) -> None:
    assert list(trusted(PROD, fine, "acme/shop")) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda: policy(sub=["repo:acme@1/shop@2:environment:prod"]), "does not take the subject repo:acme/shop:env"),
        (lambda: policy(sub=["repo:acme/shop:environment:prod"]), "does not take repo:acme@ID/shop@ID:environment:p"),
        (lambda: policy(sub=None, repository_id=None), "takes the jobs of other repositories"),
        (lambda: policy(aud=None), "does not ask for the audience sts.amazonaws.com"),
        (lambda: like("repo:acme*/shop*:*"), "takes the jobs of pull requests"),
        (lambda: like("repo:*:environment:prod"), "takes the jobs of other repositories"),
        (lambda: like("repo:acme*/shop*:environment:*"), "takes the jobs of every environment"),
        (lambda: policy() | {"Statement": []}, "takes no token of GitHub"),
        (lambda: None, "takes no token of GitHub"),
    ],
)
def test_a_trust_that_is_wrong_is_found_and_nothing_else(change: Callable[[], Any], problem: str) -> None:
    (found,) = trusted(PROD, change(), "acme/shop")
    assert found.where == "shop-promote-prod"
    assert found.problem.startswith(f"its trust {problem}")
    assert found.cure.startswith("apply terraform/global/iam")


def test_answers_are_read_whatever_they_hold() -> None:
    assert account_of(Answer(200, "<a><Account>438950223046</Account></a>")) == "438950223046"
    assert account_of(Answer(403, "<Account>438950223046</Account>")) == ""
    encoded = "<AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>"
    assert trust_of(Answer(200, encoded)) == {"Statement": []}
    assert trust_of(Answer(200, "<AssumeRolePolicyDocument>%7B</AssumeRolePolicyDocument>")) is None
    assert code_of(Answer(400, '{"__type": "com.amazonaws#RepositoryNotFoundException"}')) == (
        "RepositoryNotFoundException"
    )
    assert code_of(Answer(404, "<Error><Code>NoSuchEntity</Code></Error>")) == "NoSuchEntity"
    assert code_of(Answer(502, "bad gateway")) == ""


def test_credentials_are_what_the_aws_command_line_prints() -> None:
    printed = '{"Version": 1, "AccessKeyId": "AKIA7", "SecretAccessKey": "a/b+c", "SessionToken": ""}'
    assert key_of(printed) == {"AccessKeyId": "AKIA7", "SecretAccessKey": "a/b+c"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AKIA7:hidden",
        "[]",
        '{"AccessKeyId": "AKIA7"}',
        '{"AccessKeyId": "AKIA7", "SecretAccessKey": ["hidden"]}',
        '{"AccessKeyId": "AKIA7", "SecretAccessKey": "hidden\\"\\nurl = file:///etc/passwd"}',
    ],
)
def test_what_is_no_credentials_is_told_and_not_shown(text: str) -> None:
    with pytest.raises(InvalidInput, match='give cmd://"aws configure export-credentials"') as raised:
        key_of(text)
    assert "hidden" not in str(raised.value)


def test_an_endpoint_of_this_machine_is_a_service_and_any_other_is_encrypted() -> None:
    assert endpoint_of("", bound=False) == ""
    assert endpoint_of("https://aws.example.com/", bound=False) == "https://aws.example.com"
    assert endpoint_of("http://localhost:5000", bound=True) == "http://aws.local:5000"
    with pytest.raises(InvalidInput, match="give --aws-service tcp://localhost:5000"):
        endpoint_of("http://localhost:5000", bound=False)
    for address in ("http://aws.example.com", "aws.example.com", "https://u:hidden@aws.example.com"):
        with pytest.raises(InvalidInput, match="is no address of AWS's interfaces") as raised:
            endpoint_of(address, bound=False)
        assert "hidden" not in str(raised.value)
