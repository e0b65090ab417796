"""The one resolver of all fields: objects become recipes without any work, scalars are worked out."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLScalarType,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    is_object_type,
)

from dagger_local.api.client import Client
from dagger_local.api.evaluate import Evaluator
from dagger_local.api.recipe import Hidden, Recipe
from dagger_local.api.secrets import name_of_set
from dagger_local.errors import EngineError

_LOADER = re.compile("node|load.+FromID")


@dataclass(frozen=True, slots=True)
class Context:
    """What every resolution of one request shares."""

    evaluator: Evaluator
    client: Client
    secrets: MutableMapping[str, bytes]


async def resolve(parent: Recipe | None, info: "GraphQLResolveInfo[Context]", **args: Any) -> Any:
    """Answer one field."""
    context = info.context
    evaluator = context.evaluator
    type_name, field = info.parent_type.name, info.field_name
    parent = parent or Recipe("Query")
    if field == "id":
        asked = evaluator.functions.get((parent.parent.type, parent.field)) if parent.parent else None
        if getattr(asked, "of_module", False):
            await evaluator.evaluate(parent)  # a module's function that fails has no result to have an id
        return evaluator.remember(parent).id
    given = _arguments(context, info, args)
    if type_name == "Query" and _LOADER.fullmatch(field):
        return _loaded(given["id"], info)
    client = context.client.id if evaluator.depends_on_client(parent.type, field) else ""
    named = get_named_type(info.return_type)
    if not (is_object_type(named) or is_interface_type(named)):
        recipe = Recipe(named.name, field, parent, given, client=client)
        value = await evaluator.call(parent, field, given, recipe)
        return evaluator.remember(parent).id if named.name == "ID" else value
    lasting = getattr(evaluator.method(parent.type, field), "lasting", True)
    nonce = "" if lasting else evaluator.nonce()
    recipe = evaluator.remember(Recipe(named.name, field, parent, given, client=client, nonce=nonce))
    required = isinstance(info.return_type, GraphQLNonNull) and not is_interface_type(named)
    is_list = isinstance(get_nullable_type(info.return_type), GraphQLList)
    if required and lasting and not is_list:
        return recipe
    value = await evaluator.evaluate(recipe)
    if is_list and value is not None:
        return _elements(evaluator, recipe, value)
    # An interface's field gives the recipe of what stands for it.
    return value if value is None or isinstance(value, Recipe) else recipe


def _loaded(recipe: Recipe, info: "GraphQLResolveInfo[Context]") -> Recipe:
    """Return the object of an id, which must be of the type that is asked for."""
    wanted = get_named_type(info.return_type)
    if is_object_type(wanted) and wanted.name != recipe.type:
        raise EngineError(f"load {wanted.name}: expected {wanted.name}, got {recipe.type}")
    return recipe


def _elements(evaluator: Evaluator, whole: Recipe, values: Sequence[Any]) -> list[Recipe]:
    """Return a recipe for each element of a list that was made."""
    return [
        evaluator.remember(value if isinstance(value, Recipe) else Recipe(whole.type, "", whole, index=index))
        for index, value in enumerate(values)
    ]


def _arguments(context: Context, info: "GraphQLResolveInfo[Context]", args: Mapping[str, Any]) -> dict[str, Any]:
    parent_type = info.parent_type
    declared = parent_type.fields[info.field_name].args
    # Clients send null for what they leave out.
    said = {name: value for name, value in args.items() if value is not None}
    given = {name: _argument(context, declared[name].type, value) for name, value in said.items()}
    for name, value in given.items():
        _check_implements(value, declared[name], info)
    if (parent_type.name, info.field_name) == ("Query", "setSecret"):
        # It is known by its name for the whole session: a second value takes the place of the first, for all.
        scope = "module" if context.client.is_module else "main"
        context.secrets[name_of_set(scope, given["name"])] = given["plaintext"].encode()
        given["plaintext"] = Hidden("", scope)
    return given


def _argument(context: Context, kind: Any, value: Any) -> Any:
    match get_nullable_type(kind):
        case _ if value is None:
            return None
        case GraphQLList(of_type=inner):
            return [_argument(context, inner, item) for item in value]
        case GraphQLEnumType() as enum:
            return _canonical(enum, value)
        case GraphQLScalarType(name="ID"):
            return context.evaluator.find(value)
        case _:
            return value


def _check_implements(value: Any, declared: GraphQLArgument, info: "GraphQLResolveInfo[Context]") -> None:
    """Refuse what has not all that the interface has for which an argument asks. Raises EngineError."""
    if isinstance(value, list):
        for item in value:
            _check_implements(item, declared, info)
    if not isinstance(value, Recipe) or not declared.ast_node:
        return
    wanted = info.schema.get_type(directive_text(declared.ast_node, "expectedType"))
    known = info.schema.get_type(value.type)
    if is_interface_type(wanted) and is_object_type(known) and not info.schema.is_sub_type(wanted, known):
        raise EngineError(f"type {value.type} does not implement interface {wanted.name}")


def directive_text(node: Any, directive: str) -> str:
    """Return what a directive's first argument says, empty without one."""
    found = (each for each in node.directives or () if each.name.value == directive)
    return next((str(each.arguments[0].value.value) for each in found), "")


def _canonical(kind: GraphQLEnumType, value: str) -> str:
    """Return the name that an enum member's alias stands for: `@enumValue(value: "…")`."""
    node = kind.values[value].ast_node
    return (directive_text(node, "enumValue") if node else "") or value
