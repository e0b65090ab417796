"""What the root modules create, with every expression evaluated by Terraform: `configuration.py` says how."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from configuration import evaluated
from terraform_cli import GRID, IDS, REPOSITORY, TERRAFORM, TerraformFailed

SAMPLE = REPOSITORY / "pipeline.yaml"
Root = Callable[..., dict[str, Any]]


@pytest.fixture
def root(tmp_path: Path) -> Root:
    """Evaluate a root module for a description."""

    def evaluate(name: str, description: Path, **variables: Any) -> dict[str, Any]:
        return evaluated(TERRAFORM / "global" / name, tmp_path, description, variables)

    return evaluate


def of(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {address: values for address, values in resources.items() if f"{kind}." in address}


def test_the_sample_has_six_repositories_that_nobody_overwrites(root: Root) -> None:
    resources = root("ecr", SAMPLE, account="438950223046")

    repositories = of(resources, "aws_ecr_repository").values()
    assert {repository["name"] for repository in repositories} == {
        f"{environment}-myapp-{service}"
        for environment in ("dev", "stg", "prod")
        for service in ("backend", "frontend")
    }
    for repository in repositories:
        assert repository["image_tag_mutability"] == "IMMUTABLE"
        assert repository["image_scanning_configuration"] == [{"scan_on_push": True}]
        assert repository["encryption_configuration"] == [{"encryption_type": "AES256", "kms_key": None}]
        assert "force_delete" not in repository
    assert len(of(resources, "aws_ecr_lifecycle_policy")) == 2
    assert not of(resources, "aws_ecr_repository_policy")
    assert resources['aws_ecr_account_setting.blob_mounting["eu-central-1"]'] == {
        "region": "eu-central-1", "name": "BLOB_MOUNTING", "value": "ENABLED",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("account", "environments"),
    [("111111111111", ("dev", "qa")), ("222222222222", ("stg",)), ("033333333333", ("prod",))],
)
def test_an_account_gets_its_own_environments(root: Root, account: str, environments: tuple[str, ...]) -> None:
    repositories = of(root("ecr", GRID, account=account), "aws_ecr_repository")
    services = ("backend", "frontend", "worker", "mailer", "search")
    expected = {f"{environment}-shop-{service}" for environment in environments for service in services}
    assert {repository["name"] for repository in repositories.values()} == expected


@pytest.mark.parametrize("name", ["ecr", "iam"])
def test_an_account_that_the_description_does_not_name_is_refused(root: Root, name: str) -> None:
    variables = {"github_ids": IDS} if name == "iam" else {}
    with pytest.raises(TerraformFailed, match=r"pipeline\.yaml has no"):
        root(name, SAMPLE, account="999999999999", **variables)


def test_a_key_is_used_where_one_is_given(root: Root) -> None:
    key = "arn:aws:kms:eu-central-1:438950223046:key/1"
    resources = root("ecr", SAMPLE, account="438950223046", kms_key_arns={"eu-central-1": key})
    for repository in of(resources, "aws_ecr_repository").values():
        assert repository["encryption_configuration"] == [{"encryption_type": "KMS", "kms_key": key}]


def test_roles_carry_their_policies_and_no_others(root: Root) -> None:
    resources = root("iam", SAMPLE, account="438950223046", github_ids=IDS)

    names = {"myapp-build", "myapp-plan", "myapp-promote-stg", "myapp-promote-prod"}
    assert {role["name"] for role in of(resources, "aws_iam_role").values()} == names
    assert {policy["role"] for policy in of(resources, "aws_iam_role_policy").values()} == names
    assert {exclusive["role_name"] for exclusive in of(resources, "policies_exclusive").values()} == names
    assert all(item["policy_arns"] == [] for item in of(resources, "attachments_exclusive").values())
    assert of(resources, "aws_iam_openid_connect_provider").popitem()[1] == {
        "url": "https://token.actions.githubusercontent.com", "client_id_list": ["sts.amazonaws.com"],
    }  # fmt: skip
    for policy in of(resources, "aws_iam_role_policy").values():
        assert json.loads(policy["policy"])["Statement"]


def test_the_provider_of_tokens_may_be_there_already(root: Root) -> None:
    resources = root("iam", SAMPLE, account="438950223046", github_ids=IDS, create_oidc_provider=False)
    assert not of(resources, "aws_iam_openid_connect_provider")


def test_an_environment_is_gated_as_the_description_says(root: Root) -> None:
    resources = root("github", GRID)
    gates = {gate["environment"]: gate for gate in of(resources, "github_repository_environment").values()}

    assert (gates["dev"]["reviewers"], gates["dev"]["deployment_branch_policy"]) == ([], [])
    assert len(gates["stg"]["reviewers"][0]["teams"]) == len(gates["stg"]["reviewers"][0]["users"]) == 1
    assert not gates["stg"]["prevent_self_review"]
    assert gates["prod"]["wait_timer"] == 30
    assert gates["prod"]["prevent_self_review"]
    assert not gates["prod"]["can_admins_bypass"]
    assert gates["prod"]["deployment_branch_policy"] == [{"protected_branches": False, "custom_branch_policies": True}]
    policies = of(resources, "github_repository_environment_deployment_policy").values()
    assert {(policy["environment"], policy["branch_pattern"]) for policy in policies} == {
        ("qa", "main"), ("stg", "main"), ("prod", "main"), ("prod", "release/1.x"),
    }  # fmt: skip


def test_a_first_environment_of_few_branches_still_takes_the_builds_of_tags(root: Root, tmp_path: Path) -> None:
    description = tmp_path / "pipeline.yaml"
    description.write_text(SAMPLE.read_text().replace("{name: dev}", "{name: dev, branches: [main]}"))
    policies = of(root("github", description), "github_repository_environment_deployment_policy").values()
    of_dev = {(item["branch_pattern"], item["tag_pattern"]) for item in policies if item["environment"] == "dev"}
    assert of_dev == {("main", None), (None, "v*")}


def test_each_environment_is_told_its_role_and_the_repository_that_for_plans(root: Root) -> None:
    resources = root("github", GRID)
    variables = of(resources, "github_actions_environment_variable").values()
    told = {item["environment"]: item["value"] for item in variables if item["variable_name"] == "AWS_ROLE"}
    assert told == {
        "dev": "arn:aws:iam::111111111111:role/shop-build",
        "qa": "arn:aws:iam::111111111111:role/shop-promote-qa",
        "stg": "arn:aws:iam::222222222222:role/shop-promote-stg",
        "prod": "arn:aws:iam::033333333333:role/shop-promote-prod",
    }
    assert resources["github_actions_variable.plan_role[0]"]["value"] == "arn:aws:iam::111111111111:role/shop-plan"


def test_with_an_app_all_others_change_the_branch_by_pull_requests(root: Root) -> None:
    ruleset = root("github", SAMPLE, promotion_app_id=55)["github_repository_ruleset.branch"]
    assert len(ruleset["rules"][0]["pull_request"]) == 1
    assert [(actor["actor_type"], actor.get("actor_id")) for actor in ruleset["bypass_actors"]] == [
        ("Integration", 55), ("DeployKey", None),
    ]  # fmt: skip


def test_without_an_app_the_branch_takes_the_pushes_of_promotions_but_no_rewriting(root: Root) -> None:
    ruleset = root("github", SAMPLE)["github_repository_ruleset.branch"]
    assert ruleset["rules"][0] == {"deletion": True, "non_fast_forward": True, "pull_request": []}


def test_where_everything_comes_as_a_pull_request_nothing_else_does(root: Root, tmp_path: Path) -> None:
    text = SAMPLE.read_text().replace("promotes-from: dev", "promotes-from: dev, changes-by: pull-request")
    text = text.replace("promotes-from: stg", "promotes-from: stg, changes-by: pull-request")
    description = tmp_path / "pipeline.yaml"
    description.write_text(text)
    ruleset = root("github", description)["github_repository_ruleset.branch"]
    assert len(ruleset["rules"][0]["pull_request"]) == 1


def test_registries_that_are_not_ecr_need_nothing_of_aws(root: Root, tmp_path: Path) -> None:
    description = tmp_path / "pipeline.yaml"
    description.write_text(SAMPLE.read_text().replace("{name: dev}", "{name: dev, registry: {address: ghcr.io/acme}}"))
    resources = root("iam", description, account="438950223046", github_ids=IDS)
    assert {role["name"] for role in of(resources, "aws_iam_role").values()} == {
        "myapp-plan", "myapp-promote-stg", "myapp-promote-prod",
    }  # fmt: skip
    stg = json.loads(resources['aws_iam_role_policy.this["promote-stg"]']["policy"])
    assert [statement["Sid"] for statement in stg["Statement"]] == ["Login", "Push"]
