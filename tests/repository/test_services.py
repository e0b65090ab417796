"""services/ and manifests/: what a careless edit breaks in silence."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DESCRIPTION = yaml.safe_load((ROOT / "pipeline.yaml").read_text())
SERVICES = [service["name"] for service in DESCRIPTION["services"]]
ENVIRONMENTS = [environment["name"] for environment in DESCRIPTION["environments"]]


def overlay(service: str, environment: str) -> Any:
    folder = ROOT / DESCRIPTION["manifests"] / service / "overlays" / environment
    return yaml.safe_load((folder / "kustomization.yaml").read_text())


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_runs_as_a_numeric_user_on_bases_with_a_version(service: str) -> None:
    lines = (ROOT / "services" / service / "Dockerfile").read_text().splitlines()
    bases = [match[1] for line in lines if (match := re.match(r"FROM (?:--platform=\S+ )?(\S+)", line))]
    users = [line.split()[1] for line in lines if line.startswith("USER ")]

    assert all(base == "scratch" or re.search(r":\d", base) for base in bases), bases
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]), "Kubernetes' runAsNonRoot needs a number"


def test_the_lock_file_names_digests_and_no_registry() -> None:
    lock = json.loads((ROOT / "services/frontend/package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not [name for name, package in packages.items() if "integrity" not in package]


def test_nginx_sets_headers_at_the_level_that_every_location_inherits() -> None:
    lines = (ROOT / "services/frontend/nginx/default.conf").read_text().splitlines()
    headers = [line for line in lines if line.lstrip().startswith("add_header")]

    assert headers
    assert all(re.match(r" {4}add_header .* always;$", line) for line in headers), headers


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_frontend_asks_the_backend_of_its_own_environment(environment: str) -> None:
    (generated,) = overlay("frontend", environment)["configMapGenerator"]
    namespace = overlay("backend", environment)["namespace"]

    assert generated["literals"] == [f"BACKEND_URL=http://backend.{namespace}.svc.cluster.local"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("service", SERVICES)
def test_an_overlay_is_short_and_ends_in_its_one_image(service: str, environment: str) -> None:
    kustomization = overlay(service, environment)
    (image,) = kustomization["images"]

    assert list(kustomization)[-1] == "images"
    assert kustomization["namespace"] == f"{service}-{environment}"
    assert image["name"] == service
    assert image["newName"].endswith(f"/{environment}-{DESCRIPTION['project']}-{service}")
