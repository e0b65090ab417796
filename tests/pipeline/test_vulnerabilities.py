"""Which vulnerabilities does what runs have? By the SBOMs that are attached, and what cannot be found out is said."""

import json
from pathlib import Path

import pytest
import yaml
from support.calls import Caller
from support.engine import GIVEN_TOOLS
from support.registry import Registry
from support.workspace import Workspace

TOKEN = ("--git-token", "env://GIT_TOKEN")
SAMPLES = Path(__file__).parents[1] / "unit/materials/samples"
NOWHERE = "localhost:1/grype:v1"


@pytest.fixture
def running(call: Caller, workspace: Workspace, images: Registry) -> Caller:
    """Stg runs v1.1.0 and prod v1.0.0, of which the backend alone has SBOMs: real ones, of other images."""
    for environment, tag in (("stg", "v1.1.0"), ("prod", "v1.0.0")):
        for name in ("backend", "frontend"):
            repository = f"{environment}-{workspace.project}-{name}"
            digest = images.seed(repository, tag, f"{name} {tag}", revision="c" * 40)
            workspace.pin(name, environment, f"{call.arguments[1]}/{repository}", tag, digest)
            if name == "backend":
                images.attach(repository, digest, "application/spdx+json", (SAMPLES / f"{tag}.spdx.json").read_text())
    description = workspace.path / "pipeline.yaml"
    tools = {**yaml.safe_load(GIVEN_TOOLS), "grype": NOWHERE}
    description.write_text(f"{description.read_text().partition('tools:')[0]}tools: {json.dumps(tools)}\n")
    workspace.push("Let v1.1.0 run in stg, and v1.0.0 in prod")
    return call


def test_what_is_not_known_is_said_and_strictly_an_error(running: Caller) -> None:
    text = running("vulnerabilities", *TOKEN).stdout
    assert "\n? backend in stg, backend in prod: grype cannot be had\n" in text
    assert "\n? frontend in stg, frontend in prod: no SBOM is attached\n" in text
    assert "\nno database: grype cannot be had: " in text
    assert NOWHERE in text
    error = running("vulnerabilities", "--environment", "prod", "--strict", *TOKEN).error
    assert "\nbackend in prod: grype cannot be had\nfrontend in prod: no SBOM is attached" in error
