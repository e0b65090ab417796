"""The JSON Schema that is published: as the keys are, and of one mind with the reader wherever a schema can be."""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from pipeline.description.schema import schema

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs/pipeline.schema.json"
# What only a look at other keys, at files or at the document's syntax can tell.
UNSEEN = re.compile(
    "is there twice, first|there is no |is a loop|would be no |is not inside of|line 2: project: is"
    "|is no date that there|is not after from|'Europe/Nowhere' is no"
    "|goes with rekor and trusted-root|is for signatures, and nothing is signed"
    "|is for what is required|requires a signature"
)


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"samples_of_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


READER, KEYS = _module("test_reader"), _module("test_keys")


def _mistakes() -> Iterator[tuple[str, str]]:
    """Return every wrong file of the reader's tests, and what is said of it."""
    for good, test in (
        (READER.GOOD, READER.test_a_mistake_is_named_with_its_line_and_key),
        (KEYS.FULL, KEYS.test_a_mistake_in_an_optional_key_is_named_with_its_line_and_key),
    ):
        for old, new, complaint in test.pytestmark[0].args[1]:
            yield good.replace(old, new, 1), complaint


def _errors(text: str) -> list[Any]:
    return list(Draft7Validator(schema()).iter_errors(yaml.safe_load(text)))


def test_the_published_file_is_what_the_keys_say() -> None:
    again = "PYTHONPATH=src .venv/bin/python -m pipeline.description.schema > docs/pipeline.schema.json"
    assert json.loads(FILE.read_text()) == schema(), f"write it anew: {again}"
    Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("text", [READER.GOOD, KEYS.FULL, (ROOT / "pipeline.yaml").read_text()])
def test_what_the_reader_takes_the_schema_takes(text: str) -> None:
    assert _errors(text) == []


@pytest.mark.parametrize(
    "url", ["git@git.example.com:acme/shop.git", "ssh://git@git.example.com:22/acme/shop", "https://localhost:8443/a",
            "http://localhost:8080/x.git", "http://127.0.0.1/x"],
)  # fmt: skip
def test_every_kind_of_repository_is_taken(url: str) -> None:
    assert _errors(READER.GOOD.replace("https://git.example.com/acme/shop", url)) == []


@pytest.mark.parametrize(("text", "complaint"), [pair for pair in _mistakes() if not UNSEEN.search(pair[1])])
def test_what_the_reader_refuses_the_schema_refuses(text: str, complaint: str) -> None:
    assert _errors(text), complaint


def test_most_mistakes_can_be_seen_by_a_schema() -> None:
    pairs = list(_mistakes())
    assert len([pair for pair in pairs if UNSEEN.search(pair[1])]) < len(pairs) / 4


def test_an_editor_has_a_description_of_every_key() -> None:
    def keys(node: Any) -> Iterator[tuple[str, Any]]:
        for name, value in node.get("properties", {}).items():
            if isinstance(value, dict):
                yield name, value
                yield from keys(value)
        items = node.get("items", [])
        for inner in [*(items if isinstance(items, list) else [items]), node.get("additionalItems")]:
            if inner:
                yield from keys(inner)

    found = dict(keys(schema()))
    assert {"deployed-by", "promotes-from", "secrets", "crane", "region"} <= set(found)
    assert all(value["description"] for value in found.values())
