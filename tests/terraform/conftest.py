"""What modules/pipeline computes, once for a run: for the sample and for a larger description."""

import json
from typing import Any

import pytest
import yaml
from terraform_cli import GRID, REPOSITORY, compute

CLUSTERS: dict[str, dict[str, list[str]]] = {"sample": {}, "grid": {"qa": ["444444444444"]}}
FILES = {"sample": REPOSITORY / "pipeline.yaml", "grid": GRID}


def _decoded(outputs: Any) -> Any:
    """Return the outputs with the policies, which are JSON texts, as what they say."""
    for repository in outputs["repositories"].values():
        for key in ("repository_policy", "lifecycle_policy"):
            repository[key] = json.loads(repository[key] or "null")
    for role in outputs["roles"].values():
        for key in ("trust", "permissions"):
            role[key] = json.loads(role[key])
    return outputs


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What follows from this repository's pipeline.yaml."""
    return _decoded(compute(tmp_path_factory.mktemp("sample"), FILES["sample"]))


@pytest.fixture(scope="session")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What follows from three accounts, four environments and five services; a cluster pulls across accounts."""
    return _decoded(compute(tmp_path_factory.mktemp("grid"), FILES["grid"], {"pull_accounts": CLUSTERS["grid"]}))


@pytest.fixture(params=["sample", "grid"])
def case(request: pytest.FixtureRequest) -> tuple[Any, Any, dict[str, list[str]]]:
    """Each of the two in turn: the outputs, the description, and the accounts whose clusters pull."""
    name = request.param
    return request.getfixturevalue(name), yaml.safe_load(FILES[name].read_text()), CLUSTERS[name]
