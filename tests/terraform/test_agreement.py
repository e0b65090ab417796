"""Terraform and the module read one pipeline.yaml: an image's repository is the same for both."""

from typing import Any

import yaml
from terraform_cli import REPOSITORY

from pipeline.description import read
from pipeline.diagnosis.roles import roles, trusted


def test_terraform_makes_the_repositories_that_the_module_pushes_to(sample: Any) -> None:
    text = (REPOSITORY / "pipeline.yaml").read_text()
    description = read(text, [str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob("services/*/Dockerfile")])
    made = {
        key: f"{item['account']}.dkr.ecr.{item['region']}.amazonaws.com/{item['name']}"
        for key, item in sample["repositories"].items()
    }
    assert made == {
        f"{environment.name}/{service.name}": description.repository_of(service.name, environment.name)
        for environment in description.environments
        for service in description.services
    }


def test_the_doctor_finds_nothing_wrong_with_the_roles_that_terraform_makes(case: Any) -> None:
    computed, written, _ = case
    description = read(yaml.safe_dump(written), [f"{service['context']}/Dockerfile" for service in written["services"]])
    wanted = roles(description)
    assert {(role.name, role.place.account, role.place.region) for role in wanted} == {
        (role["name"], role["account"], role["region"]) for role in computed["roles"].values()
    }
    trusts = {role["name"]: role["trust"] for role in computed["roles"].values()}
    repository = computed["github_repository"]
    assert [one for role in wanted for one in trusted(role, trusts[role.name], repository)] == []
    assert [one for role in wanted for one in trusted(role, trusts[role.name], "acme/other")] != []
