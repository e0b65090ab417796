"""Print a result as dagger does: a text as it is, a list a line each, an object as its type and a digest."""

import hashlib
import json
from typing import Any

from dagger_local.cli.typedefs import Type


def render(value: Any, returns: Type, *, as_json: bool) -> str:
    """Return what stdout gets for `value`."""
    if returns.kind == "VOID":
        return ""
    if returns.has_functions:
        return _objects(value, returns)
    if as_json:
        return json.dumps(value, indent=4, ensure_ascii=False) + "\n"
    return _plain(value)


def _objects(value: Any, returns: Type) -> str:
    if isinstance(value, list):
        return "".join(f"- {_objects(each, returns)}" for each in _flat(value))
    if value is None:
        return ""
    digest = hashlib.sha256(str(value).encode()).hexdigest()
    return f"{returns.leaf.name}@sha256:{digest}\n"


def _flat(values: list[Any]) -> list[Any]:
    return [leaf for each in values for leaf in (_flat(each) if isinstance(each, list) else [each])]


def _plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case list():
            return "".join(f"{_plain(each)}\n" for each in value)
        case dict():
            return "".join(_plain(each) for each in value.values())
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
    return str(value)
