"""What a repository begins with that has Dockerfiles and nothing else."""

import pytest
import yaml

from pipeline.checks.agreement import disagreements
from pipeline.description import read
from pipeline.errors import InvalidDescription, InvalidInput
from pipeline.generation.initial import initial, label, named

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
