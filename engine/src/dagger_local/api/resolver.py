"""The one resolver of all fields: objects become recipes without any work, scalars are worked out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
    is_enum_type,
    is_interface_type,
    is_object_type,
)

from dagger_local.api.client import Client
from dagger_local.api.evaluate import Evaluator
from dagger_local.api.recipe import Hidden, Recipe
from dagger_local.api.secrets import mark


@dataclass(frozen=True, slots=True)
class Context:
    """What every resolution of one request shares."""

    evaluator: Evaluator
    client: Client
    salt: bytes


async def resolve(parent: Recipe | None, info: GraphQLResolveInfo, **args: Any) -> Any:
    """Answer one field."""
    context: Context = info.context
    evaluator = context.evaluator
    type_name, field = info.parent_type.name, info.field_name
    parent = parent or Recipe("Query")
    if field == "id":
        return evaluator.remember(parent).id
    given = _arguments(context, info, args)
    if (type_name, field) == ("Query", "node"):
        return given["id"]
    client = context.client.id if evaluator.depends_on_client(parent.type, field) else ""
    named = get_named_type(info.return_type)
    if not (is_object_type(named) or is_interface_type(named)):
        recipe = Recipe(named.name, field, parent, given, client=client)
        value = await evaluator.call(parent, field, given, recipe)
        return evaluator.remember(parent).id if named.name == "ID" else value
    lasting = getattr(evaluator.method(parent.type, field), "lasting", True)
    nonce = "" if lasting else evaluator.nonce()
    recipe = evaluator.remember(Recipe(named.name, field, parent, given, client=client, nonce=nonce))
    required = isinstance(info.return_type, GraphQLNonNull)
    inner = info.return_type.of_type if isinstance(info.return_type, GraphQLNonNull) else info.return_type
    if isinstance(inner, GraphQLList):
        values = await evaluator.evaluate(recipe)
        if values is None:
            return None
        return [
            evaluator.remember(value if isinstance(value, Recipe) else Recipe(named.name, "", recipe, index=index))
            for index, value in enumerate(values)
        ]
    if not required or not lasting:
        value = await evaluator.evaluate(recipe)
        if value is None:
            return None
    return recipe


def _arguments(context: Context, info: GraphQLResolveInfo, args: Mapping[str, Any]) -> dict[str, Any]:
    parent_type = info.parent_type
    assert isinstance(parent_type, GraphQLObjectType)
    declared = parent_type.fields[info.field_name].args
    # Clients send null for what they leave out.
    said = {name: value for name, value in args.items() if value is not None}
    given = {name: _argument(context, declared[name].type, value) for name, value in said.items()}
    if (parent_type.name, info.field_name) == ("Query", "setSecret"):
        given["plaintext"] = Hidden(given["plaintext"], mark(context.salt, given["plaintext"]))
    return given


def _argument(context: Context, kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, GraphQLNonNull):
        return _argument(context, kind.of_type, value)
    if isinstance(kind, GraphQLList):
        return [_argument(context, kind.of_type, item) for item in value]
    if isinstance(kind, GraphQLInputObjectType):
        return {name: item.value if is_enum_type(item) else item for name, item in value.items()}
    if kind.name == "ID":
        return context.evaluator.find(value)
    if is_enum_type(kind):
        return _canonical(kind, value)
    return value


def _canonical(kind: Any, value: str) -> str:
    """Return the name that an enum member's alias stands for: `@enumValue(value: "…")`."""
    node = kind.values[value].ast_node
    for directive in (node.directives if node else None) or ():
        if directive.name.value == "enumValue":
            return str(directive.arguments[0].value.value)
    return value
