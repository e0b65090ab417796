"""The JSON Schema of pipeline.yaml, for editors: written from the same keys that the reader goes by.

`python -m pipeline.description.schema > docs/pipeline.schema.json` writes it anew; a test holds the file to it.
"""

import json
import sys
from typing import Any

from . import keys
from .forms import AnyKey, Choice, Form, Mixed, Number, Section, Sections, Switch, Table, Text, Texts


def schema() -> dict[str, Any]:
    """Return the schema, in the draft that editors read best."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "pipeline.yaml",
        "description": "The one description of a project: its registries, environments and services.",
        **_form(keys.ROOT),
    }


def _key(key: AnyKey) -> dict[str, Any]:
    return {"description": key.meaning, **_form(key.form)}


def _form(form: Form) -> dict[str, Any]:
    if isinstance(form, Section):
        return _section(form)
    if isinstance(form, Mixed):
        return {"type": "array", "items": {"anyOf": [_value(form.choice), _section(form.section)]}, "uniqueItems": True}
    return _sections(form) if isinstance(form, Sections) else _value(form)


def _value(form: Text | Choice | Switch | Number | Texts | Table) -> dict[str, Any]:
    match form:
        case Text():
            return {"type": "string", "minLength": 1, "pattern": _whole(form)}
        case Choice():
            return {"enum": list(form.values)}
        case Switch():
            return {"type": "boolean", "default": form.default}
        case Number():
            return {"type": "integer", "minimum": form.lowest, "maximum": form.highest}
        case Texts():
            return {"type": "array", "items": _value(form.item), "uniqueItems": True, "maxItems": form.most}
        case Table():
            names = {"pattern": _whole(form.name)}
            return {"type": "object", "propertyNames": names, "additionalProperties": {"type": "string"}}


def _whole(form: Text) -> str:
    return f"^(?:{form.pattern.pattern})$"


def _section(section: Section, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    taken = [key for key in section.keys if key.name not in without]
    required = [key.name for key in taken if key.required]
    return {
        "type": "object",
        "properties": {key.name: _key(key) for key in taken},
        "additionalProperties": False,
        **({"required": required} if required else {}),
        **({"oneOf": [_only(group, section) for group in section.either]} if section.either else {}),
    }


def _only(group: frozenset[str], section: Section) -> dict[str, Any]:
    """Demand a group of keys, and refuse the others."""
    others = {key.name: False for key in section.keys if key.name not in group}
    return {"required": sorted(group), "properties": others}


def _sections(form: Sections) -> dict[str, Any]:
    first, rest = _section(form.section, form.not_first), _section(form.section, form.not_rest)
    if first == rest:
        return {"type": "array", "minItems": 1, "items": rest}
    return {"type": "array", "minItems": 1, "items": [first], "additionalItems": rest}


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")
