"""manifests/argocd/: every resource is what its schema allows, and just what the server would store."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "manifests/argocd"
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in Path(__file__).parent.glob("schemas/*.json")}
# A patch is part of a resource, and no file of kustomize's is one.
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if path.name not in {"kustomization.yaml", "scripts-patch.yaml"})


DOCUMENTS = [
    pytest.param(document, id=f"{path.relative_to(FOLDER)}:{index}")
    for path in FILES
    for index, document in enumerate(yaml.safe_load_all(path.read_text()))
]


def strict(schema: Any) -> Any:
    """Return a schema that also refuses what the server would drop in silence."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if (
        "properties" in schema
        and isinstance(schema.get("type"), str)
        and not schema.get("x-kubernetes-preserve-unknown-fields")
    ):
        made.setdefault("additionalProperties", False)
    return made


def filled(value: Any, schema: Any) -> Any:
    """Return what the server stores: the defaults of everything that is there filled in."""
    if isinstance(value, list):
        return [filled(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    known = schema.get("properties", {})
    defaults = {key: copy.deepcopy(part["default"]) for key, part in known.items() if "default" in part}
    return {key: filled(item, known.get(key, {})) for key, item in {**defaults, **value}.items()}


def validate(document: Any) -> None:
    schema = strict(SCHEMAS[document["kind"]])
    schema["properties"]["metadata"] = {"type": "object"}
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_resource_is_what_its_schema_allows(document: Any) -> None:
    if document["kind"] in SCHEMAS:
        validate(document)
    else:
        for version in ("1.32", "1.35"):
            kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_server_adds_nothing(document: Any) -> None:
    assert filled(document, SCHEMAS.get(document["kind"], {})) == document


def test_all_kinds_are_there() -> None:
    kinds = {document["kind"] for path in FILES for document in yaml.safe_load_all(path.read_text())}
    assert set(SCHEMAS) <= kinds


@pytest.mark.parametrize(
    ("kind", "slip"),
    [
        ("Application", {"spec": {"syncPolicy": {"automated": {"selfheal": True}}}}),
        ("Application", {"spec": {"syncPolicy": {"retry": {"limit": "5"}}}}),
        ("AppProject", {"spec": {"sourceRepo": []}}),
        ("ImageUpdater", {"spec": {"applicationRefs": []}}),
        ("ImageUpdater", {"spec": {"writeBackConfig": {"method": "push"}}}),
    ],
)
def test_the_schemas_would_refuse_a_slip_of_the_pen(kind: str, slip: Any) -> None:
    path = {
        "Application": "root.yaml",
        "AppProject": "project.yaml",
        "ImageUpdater": "image-updater/image-updater.yaml",
    }[kind]
    document = yaml.safe_load((FOLDER / path).read_text())
    document["spec"] |= slip["spec"]
    with pytest.raises(jsonschema.ValidationError):
        validate(document)


def test_a_default_that_is_left_out_would_be_seen() -> None:
    document = yaml.safe_load((FOLDER / "image-updater/image-updater.yaml").read_text())
    del document["spec"]["commonUpdateSettings"]["forceUpdate"]
    assert filled(document, SCHEMAS["ImageUpdater"]) != document
