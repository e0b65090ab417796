"""What a repository begins with that has Dockerfiles and nothing else."""

from pathlib import Path, PurePath

import pytest
import yaml

from pipeline.checks.agreement import disagreements
from pipeline.description import read
from pipeline.errors import InvalidDescription, InvalidInput
from pipeline.generation.generate import generated
from pipeline.generation.initial import initial, label, named
from pipeline.generation.starter import NOT_TEXTS, TEXTS

ROOT = Path(__file__).parents[3]
ECR = "222222222222.dkr.ecr.eu-west-1.amazonaws.com"
FILES = {"api/Dockerfile": "FROM scratch\nEXPOSE 9000\n", "web/worker/Dockerfile": "FROM scratch\n"}
GIVEN = ("https://git.example.com/acme/shop", "ghcr.io/acme", "trunk", "shop")


def test_what_is_written_is_a_description_and_all_its_overlays_agree_with_it() -> None:
    made = initial(FILES, *GIVEN)
    description = read(made["pipeline.yaml"], list(FILES))
    assert (description.project, description.branch) == ("shop", "trunk")
    assert [service.name for service in description.services] == ["api", "worker"]
    assert description.repository_of("worker", "prod") == "ghcr.io/acme/prod-shop-worker"
    assert disagreements(description, made) == []
    overlays = [path for path in made if path.endswith("kustomization.yaml") and "/overlays/" in path]
    assert len(overlays) == 6
    assert all(yaml.safe_load(text) for text in made.values())


def test_a_port_is_served_where_the_dockerfile_says_one() -> None:
    made = initial(FILES, *GIVEN)
    assert "containerPort: 9000" in made["manifests/api/base/deployment.yaml"]
    assert "- service.yaml" in made["manifests/api/base/kustomization.yaml"]
    assert "manifests/worker/base/service.yaml" not in made
    assert "ports:" not in made["manifests/worker/base/deployment.yaml"]


def test_a_service_that_nothing_says_how_to_check_is_written_to_have_no_checks() -> None:
    made = initial({**FILES, "api/go.mod": "module api\n"}, *GIVEN)
    services = {one["name"]: one for one in yaml.safe_load(made["pipeline.yaml"])["services"]}
    assert "checks" not in services["api"]
    assert services["worker"]["checks"] == []


def test_services_are_named_by_their_folders_and_none_twice() -> None:
    assert named(["Dockerfile"], "shop") == {"shop": "."}
    assert named(["a/api/Dockerfile", "b/api/Dockerfile"], "shop") == {"api": "a/api", "b-api": "b/api"}
    assert label("My_Service.v2") == "my-service-v2"
    assert label("***") == "app"


def test_a_repository_without_a_dockerfile_is_told() -> None:
    with pytest.raises(InvalidInput, match="there is no Dockerfile here"):
        initial({}, *GIVEN)


@pytest.mark.parametrize("repository", ["not one", "x}\nproject: evil", "https://u:secret7@host/a/b"])
def test_what_is_no_repository_is_told_and_forges_no_key(repository: str) -> None:
    with pytest.raises(InvalidDescription) as raised:
        initial(FILES, repository, *GIVEN[1:])
    assert "secret7" not in str(raised.value)


@pytest.fixture(scope="module")
def pattern() -> dict[str, str]:
    """This project's own files that a repository begins with."""
    found = [path for pattern in TEXTS for path in ROOT.glob(f"{pattern}/*" if pattern.endswith("**") else pattern)]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text() for path in found if path.is_file()}
    return {path: text for path, text in texts.items() if not any(PurePath(path).match(one) for one in NOT_TEXTS)}


def test_in_ecr_there_is_all_that_makes_and_reads_it(pattern: dict[str, str]) -> None:
    made = initial(FILES, GIVEN[0], ECR, *GIVEN[2:], pattern=pattern)
    description = read(made["pipeline.yaml"], list(FILES))
    assert description.registry == ECR
    assert description.first.deployed_by == "image-updater"
    assert f"prefix: {ECR}\n" in made["manifests/argocd/image-updater/registries.conf"]
    assert "arn:aws:iam::222222222222:role/argocd-stg" in made["manifests/argocd/clusters/stg.json"]
    assert "targetRevision: trunk" in made["manifests/argocd/root.yaml"]
    assert {"terraform/global/ecr/main.tf", "terraform/global/iam/main.tf"} <= made.keys()
    assert yaml.safe_load(made[".github/workflows/promote.yaml"])["name"] == "promote"
    project = yaml.safe_load(made["manifests/argocd/project.yaml"])
    assert project["metadata"]["name"] == "shop"
    assert {"name": "prod", "namespace": "worker-prod"} in project["spec"]["destinations"]
    again = {**FILES, **made}
    assert generated(description, again).items() <= again.items(), "there is nothing left to generate"


def test_elsewhere_there_is_nothing_of_aws_and_builds_deploy_themselves(pattern: dict[str, str]) -> None:
    made = initial(FILES, *GIVEN, pattern=pattern)
    assert read(made["pipeline.yaml"], list(FILES)).first.deployed_by == "pipeline"
    assert not [path for path in made if "ecr" in path or "image-updater" in path or "clusters" in path]
    listed = yaml.safe_load(made["manifests/argocd/kustomization.yaml"])["resources"]
    assert listed == ["root.yaml", "project.yaml", "applications", "notifications.yaml"]
    assert not [path for path, text in made.items() if "438950223046" in text or "acme/myapp" in text]


def test_nothing_that_is_there_is_changed(pattern: dict[str, str]) -> None:
    own = {**FILES, ".github/workflows/release.yaml": "on: push\n", "terraform/global/ecr/main.tf": ""}
    made = initial(own, *GIVEN, pattern=pattern)
    assert made
    assert not made.keys() & own.keys()
