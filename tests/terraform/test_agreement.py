"""Terraform and the module read one pipeline.yaml: an image's repository is the same for both."""

from typing import Any

from terraform_cli import REPOSITORY

from pipeline.description import read


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
