"""The schema: Dagger's API at the release this engine follows, a file for each part of it.

Signatures are facts of the protocol: clients build queries from them by introspection, so types, arguments and
defaults equal upstream's. What this engine lacks stays in the schema and is refused by name when it is called.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, build_schema

from dagger_local.api.resolver import resolve


@cache
def make_schema(more: str = "") -> GraphQLSchema:
    """Build the schema, with a module's part if there is one, and bind every field to the one resolver."""
    text = f"{core_text()}\n{more}"
    schema = build_schema(text, assume_valid=True, assume_valid_sdl=True)
    if faces := _interfaces(schema, core_text()):
        from dagger_local.api.schema.interfaces import implementations  # noqa: PLC0415 - few modules have any

        schema = build_schema(f"{text}\n{implementations(schema, faces)}", assume_valid=True, assume_valid_sdl=True)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = _type_of
        elif isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for field in kind.fields.values():
                field.resolve = resolve
    return schema


def _interfaces(schema: GraphQLSchema, core: str) -> dict[str, GraphQLInterfaceType]:
    """Return the interfaces of a schema that are not the core's."""
    known = set(re.findall(r"^interface (\w+)", core, re.MULTILINE))
    found = {name: kind for name, kind in schema.type_map.items() if isinstance(kind, GraphQLInterfaceType)}
    return {name: kind for name, kind in found.items() if name not in known}


def _type_of(value: Any, *_: Any) -> str:
    return str(value.type)


@cache
def core_text() -> str:
    """Return the schema without any module's part, in GraphQL's schema language."""
    return f"{files_text()}\n{_loaders(files_text())}"


@cache
def files_text() -> str:
    """Return the schema's files, one after the other."""
    parts = sorted((each for each in files(__name__).iterdir() if each.name.endswith(".graphql")), key=str)
    return "\n".join(each.read_text("utf-8") for each in parts)


def _loaders(text: str) -> str:
    """Return the fields by which clients of before 0.21 load objects; newer ones ask for `node`."""
    names = re.findall(r"^type (\w+) implements [^{]*\bNode\b", text, re.MULTILINE)
    fields = "\n".join(f"  load{name}FromID(id: ID!): {name}!" for name in names if name != "Query")
    return f"extend type Query {{\n{fields}\n}}"
