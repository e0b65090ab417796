"""terraform/: in form, valid, tested by Terraform itself; what needs a provider is held to the providers' schemas."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from configuration import META, parsed, resources
from terraform_cli import GRID, MODULE, TERRAFORM, TerraformFailed, compute, run

SCHEMAS = [json.loads(path.read_text()) for path in sorted(Path(__file__).parent.glob("schemas/*.json"))]
RESOURCES = {name: schema for schemas in SCHEMAS for name, schema in schemas.items() if name != "provider"}
FOLDERS = sorted({path.parent for path in TERRAFORM.rglob("*.tf") if ".terraform" not in path.parts})
folders = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(TERRAFORM)))


def test_all_is_in_form() -> None:
    assert run(TERRAFORM, "fmt", "-check", "-recursive", "-diff") == ""


def test_the_module_without_providers_is_valid_and_passes_its_own_tests(tmp_path: Path) -> None:
    # A copy of what it reads and no more: init and test leave folders behind.
    module = tmp_path / "terraform/modules/pipeline"
    shutil.copytree(MODULE, module, ignore=shutil.ignore_patterns(".terraform"))
    shutil.copy2(TERRAFORM.parent / "pipeline.yaml", tmp_path)
    run(module, "init", "-backend=false", "-input=false")
    assert json.loads(run(module, "validate", "-json"))["valid"]

    said = run(module, "test", "-no-color")
    assert "0 failed" in said
    assert "0 passed" not in said


@folders
def test_versions_are_pinned_and_everything_is_documented(folder: Path) -> None:
    module = parsed(folder)
    settings = {key: value for block in module["terraform"] for key, value in block.items()}
    assert re.search(r">= [\d.]+, < \d", settings["required_version"])
    (pinned,) = settings.get("required_providers", [{}])
    assert {type_.split("_")[0] for _, type_, _, _ in resources(module)} == set(pinned)
    assert all(re.fullmatch(r"~> \d+\.\d+", provider["version"]) for provider in pinned.values())
    undocumented = [
        name
        for block in (*module.get("variable", []), *module.get("output", []))
        for name, body in block.items()
        if not body.get("description")
    ]
    assert not undocumented


@folders
def test_resources_have_the_arguments_that_their_providers_know(folder: Path) -> None:
    problems = [
        f"{type_}.{name}{problem}"
        for kind, type_, name, body in resources(parsed(folder))
        for problem in _problems(body, RESOURCES[f"data_{type_}" if kind == "data" else type_])
    ]
    assert problems == []


def test_the_schemas_would_refuse_a_slip_of_the_pen() -> None:
    schema = RESOURCES["aws_ecr_repository"]
    slips = {
        "name": "x",
        "tag_mutability": "x",
        "encryption": [{}],
        "image_scanning_configuration": [{"on_push": True}],
    }
    assert list(_problems(slips, schema)) == [
        ".tag_mutability is unknown",
        ".encryption is unknown",
        ".image_scanning_configuration.on_push is unknown",
        ".image_scanning_configuration.scan_on_push is missing",
    ]
    assert list(_problems({}, schema)) == [".name is missing"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('{account: "111111111111"', "{account: 033333333333", "not 12 digits"),
        ("branch: main", 'branch: main\nimages: "{project}-{service}"', "share a repository"),
        ("project: shop", f"project: {'s' * 60}", "64 characters"),
        ("git@github.com:acme/shop.git", "https://git.example.com/shop.git", "no GitHub repository"),
    ],
)
def test_what_aws_would_refuse_half_way_is_refused_before(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = GRID.read_text()
    assert old in text
    (tmp_path / "pipeline.yaml").write_text(text.replace(old, new))
    with pytest.raises(TerraformFailed) as failure:
        compute(tmp_path, tmp_path / "pipeline.yaml")
    assert message in " ".join(str(failure.value).replace("│", " ").split())


def test_the_documentation_sets_variables_that_there_are() -> None:
    text = (TERRAFORM.parent / "docs/adopt.md").read_text()
    commands = re.findall(r"terraform -chdir=terraform/(\S+) apply((?: -var \S+)*)", text)
    assert {folder for folder, _ in commands} == {"global/ecr", "global/iam", "global/github"}
    known = {name for folder in FOLDERS for block in parsed(folder).get("variable", []) for name in block}
    for folder, words in commands:
        variables = [name for block in parsed(TERRAFORM / folder)["variable"] for name in block]
        assert set(re.findall(r"-var (\w+)=", words)) <= set(variables)
    assert set(re.findall(r"`-var (\w+)=|`(\w+) = \{", text)) <= {(name, "") for name in known} | {
        ("", name) for name in known
    }


def test_a_policy_that_iam_would_find_too_long_is_refused_before(tmp_path: Path) -> None:
    services = "".join(f"  - {{name: service-{number}, context: services/s}}\n" for number in range(60))
    (tmp_path / "pipeline.yaml").write_text(GRID.read_text() + services)
    with pytest.raises(TerraformFailed, match="10,240"):
        compute(tmp_path, tmp_path / "pipeline.yaml")


def test_thirty_services_in_four_environments_fit(tmp_path: Path) -> None:
    services = "".join(f"  - {{name: service-{number}, context: services/s}}\n" for number in range(25))
    (tmp_path / "pipeline.yaml").write_text(GRID.read_text() + services)
    assert len(compute(tmp_path, tmp_path / "pipeline.yaml")["repositories"]) == 120


def _problems(body: Any, schema: Any, where: str = "") -> Iterator[str]:
    """Return what a block has that its schema has not, and the other way round."""
    blocks = [(name, block) for name, value in body.items() if "block" in schema.get(name, {}) for block in value]
    blocks += [(name, block["content"][0]) for dynamic in body.get("dynamic", []) for name, block in dynamic.items()]
    names = [name for name in body if name not in {*META, "dynamic"}] + [name for name, _ in blocks if name not in body]
    yield from (f"{where}.{name} is unknown" for name in names if name not in schema)
    for name, inner in blocks:
        if name in schema:
            yield from _problems(inner, schema[name]["block"], f"{where}.{name}")
    yield from (
        f"{where}.{name} is missing" for name, known in schema.items() if known["required"] and name not in names
    )
