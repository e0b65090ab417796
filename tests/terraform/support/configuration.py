"""Terraform's files as data, and a copy of a root module in which no resource needs its provider.

No provider can be had offline. In the copy each resource is a `terraform_data`, which Terraform has built in, and its
arguments are that one's `input`: so Terraform itself evaluates every expression, `for_each`, `count` and dynamic block.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions
from terraform_cli import MODULE, apply

META = {"count", "for_each", "depends_on", "lifecycle", "provider"}
# What a provider would answer, where another resource or an output asks for it.
_ANSWERS = {
    "aws_ecr_repository": {"repository_url": '"url"'},
    "aws_iam_role": {"arn": '"arn"'},
    "github_team": {"id": "7"},
    "github_user": {"id": "8"},
}
_OPTIONS = SerializationOptions(
    with_comments=False, explicit_blocks=False, strip_string_quotes=True, preserve_heredocs=False
)
_ATTRIBUTE = re.compile(r"\b(?:data\.)?((?:aws|github)_\w+)\.(\w+)(\[[^\]]+\])?\.(\w+)")
_WHOLE = re.compile(r"\b((?:aws|github)_\w+)\.(this|reviewer)\b(?!\[)")


def parsed(folder: Path) -> dict[str, list[Any]]:
    """Return a module's blocks by their type."""
    blocks: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for kind, found in hcl2.loads(path.read_text(), serialization_options=_OPTIONS).items():
            blocks.setdefault(kind, []).extend(found)
    return blocks


def resources(module: Mapping[str, list[Any]]) -> Iterator[tuple[str, str, str, Any]]:
    """Return resources and data sources: their kind, type, name and body."""
    for kind in ("resource", "data"):
        for block in module.get(kind, []):
            for type_, named in block.items():
                for name, body in named.items():
                    yield kind, type_, name, body


def evaluated(root: Path, into: Path, description: Path, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of all resources of a root module by their address, as Terraform evaluates them.

    Args:
        root: the module's folder.
        into: an empty folder for the copy.
        description: the pipeline.yaml that it is to read.
        variables: the root's variables.
    """
    _copy(root, into, description)
    (into / "given.auto.tfvars.json").write_text(json.dumps(variables))
    return dict(_inputs(apply(into)["root_module"]))


def _copy(folder: Path, into: Path, description: Path) -> None:
    module = parsed(folder)
    copied: dict[str, Any] = {"resource": {"terraform_data": {}}, "module": {}, "locals": {}, "output": {}}
    for _, type_, name, body in resources(module):
        arguments = _object(body, _ANSWERS.get(type_, {}))
        repeated = {key: _rewritten(body[key]) for key in ("count", "for_each") if key in body}
        copied["resource"]["terraform_data"][f"{type_}__{name}"] = repeated | {"input": f"${{{arguments}}}"}
    for block in module.get("module", []):
        for name, body in block.items():
            source = (folder / body["source"]).resolve()
            if source != MODULE:
                (into / name).mkdir()
                _copy(source, into / name, description)
            given = {"source": str(MODULE) if source == MODULE else f"./{name}"}
            given |= {"pipeline_file": str(description)} if source == MODULE else {}
            copied["module"][name] = {key: _rewritten(value) for key, value in body.items()} | given
    for block in module.get("locals", []):
        copied["locals"] |= {key: _rewritten(value) for key, value in block.items()}
    for block in module.get("output", []):
        copied["output"] |= {name: {"value": _rewritten(body["value"])} for name, body in block.items()}
    for block in module.get("provider", []):
        for name, body in block.items():
            copied["output"][f"provider_{name}"] = {"value": f"${{{_object(body, {})}}}"}
    (into / "main.tf.json").write_text(json.dumps({key: value for key, value in copied.items() if value}))
    (into / "variables.tf").write_text((folder / "variables.tf").read_text())


def _object(body: Mapping[str, Any], answers: Mapping[str, str]) -> str:
    """Return a block's body as an expression; a block in it becomes a list of objects."""
    arguments = {key: _expression(value) for key, value in body.items() if key not in {*META, "dynamic"}}
    for dynamic in body.get("dynamic", []):
        for name, block in dynamic.items():
            (content,) = block["content"]
            each = f"[for item in {_expression(block['for_each'])} : {{ value = item }}]"
            many = f"[for {name} in {each} : {_object(content, {})}]"
            arguments[name] = f"concat({arguments.get(name, '[]')}, {many})"
    return "{ " + ", ".join(f"{key} = {value}" for key, value in {**answers, **arguments}.items()) + " }"


def _expression(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_expression(item) for item in value)}]"
    if isinstance(value, dict):
        return _object(value, {})
    if isinstance(value, str):
        whole = re.fullmatch(r"\$\{((?:(?!\$\{).)*)\}", value, re.DOTALL)
        return _referring(whole[1]) if whole else f'"{_referring(value)}"'
    return json.dumps(value)


def _rewritten(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rewritten(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rewritten(item) for item in value]
    return _referring(value) if isinstance(value, str) else value


def _referring(text: str) -> str:
    """Return an expression that asks the copies instead of the resources."""
    text = _ATTRIBUTE.sub(lambda found: f"terraform_data.{found[1]}__{found[2]}{found[3] or ''}.input.{found[4]}", text)
    return _WHOLE.sub(
        lambda found: f"{{for key, one in terraform_data.{found[1]}__{found[2]} : key => one.input}}", text
    )


def _inputs(module: Any) -> Iterator[tuple[str, Any]]:
    for resource in module.get("resources", []):
        address = resource["address"].replace("terraform_data.", "", 1).replace("__", ".", 1)
        yield address, resource["values"]["input"]
    for child in module.get("child_modules", []):
        yield from _inputs(child)
