"""The engine's own types, as a module's are told: read from the schema, for those that ask for all of them."""

from dataclasses import replace
from functools import cache
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    print_ast,
)

from dagger_local.api.objects.query import Query
from dagger_local.api.objects.typedef import (
    EnumTypeDef,
    EnumValueTypeDef,
    FieldTypeDef,
    Function,
    FunctionArg,
    InputTypeDef,
    InterfaceTypeDef,
    ObjectTypeDef,
    ScalarTypeDef,
    TypeDef,
)
from dagger_local.api.resolver import directive_text
from dagger_local.api.schema import files_text

_KINDS = {"String": "STRING_KIND", "Int": "INTEGER_KIND", "Float": "FLOAT_KIND", "Boolean": "BOOLEAN_KIND",
          "Void": "VOID_KIND"}  # fmt: skip


def current_type_defs(
    query: Query,
    return_all_types: bool = False,  # noqa: ARG001 - they are all of the module, which has no dependencies' here
    hide_core: bool | None = None,
) -> list[TypeDef]:
    """Answer Query.currentTypeDefs: the module's types, and the engine's unless they are to be hidden."""
    return [*query.module_types(), *([] if hide_core else _core(query.engine))]


def _core(engine: Any) -> list[TypeDef]:
    return [_defined(engine, kind) for kind in _types()]


@cache
def _types() -> list[GraphQLNamedType]:
    schema = build_schema(files_text(), assume_valid=True, assume_valid_sdl=True)
    return [kind for name, kind in schema.type_map.items() if not name.startswith("__") and name not in _KINDS]


def _defined(engine: Any, kind: GraphQLNamedType) -> TypeDef:
    match kind:
        case GraphQLObjectType() | GraphQLInterfaceType():
            functions = tuple(_function(engine, *each) for each in kind.fields.items() if each[0] != "id")
            if isinstance(kind, GraphQLObjectType):
                shape = ObjectTypeDef(engine, kind.name, functions=functions, original=kind.name)
                return TypeDef(engine, "OBJECT_KIND", as_object=shape)
            return TypeDef(
                engine, "INTERFACE_KIND", as_interface=InterfaceTypeDef(engine, kind.name, functions=functions)
            )
        case GraphQLEnumType():
            members = tuple(EnumValueTypeDef(engine, name, value=name) for name in kind.values)
            return TypeDef(engine, "ENUM_KIND", as_enum=EnumTypeDef(engine, kind.name, members=members))
        case GraphQLInputObjectType():
            fields = tuple(
                FieldTypeDef(engine, name, type_def=_use(engine, each.type)) for name, each in kind.fields.items()
            )
            return TypeDef(engine, "INPUT_KIND", as_input=InputTypeDef(engine, kind.name, fields=fields))
        case _:
            return TypeDef(engine, "SCALAR_KIND", as_scalar=ScalarTypeDef(engine, kind.name))


def _function(engine: Any, name: str, field: GraphQLField) -> Function:
    args = tuple(_argument(engine, name, each) for name, each in field.args.items())
    return Function(engine, name, return_type=_use(engine, field.type), args=args)


def _argument(engine: Any, name: str, arg: GraphQLArgument) -> FunctionArg:
    node = arg.ast_node
    default = print_ast(node.default_value) if node and node.default_value else ""
    shape = _use(engine, arg.type, directive_text(node, "expectedType") if node else "")
    return FunctionArg(engine, name, type_def=shape, default_value=default)


def _use(engine: Any, kind: Any, expected: str = "") -> TypeDef:
    """Return a use of a type; an ID stands for the object that is `expected`."""
    if isinstance(kind, GraphQLNonNull):
        return _use(engine, kind.of_type, expected).with_optional(False)
    if isinstance(kind, GraphQLList):
        return TypeDef(engine, optional=True).with_list_of(_use(engine, kind.of_type, expected))
    use = TypeDef(engine, optional=True)
    if isinstance(kind, GraphQLInputObjectType):
        return replace(use, kind="INPUT_KIND", as_input=InputTypeDef(engine, kind.name))
    if kind.name in _KINDS:
        return use.with_kind(_KINDS[kind.name])
    if kind.name == "ID" and expected:
        return use.with_object(expected)
    return _USES.get(type(kind), TypeDef.with_scalar)(use, kind.name)


_USES = {
    GraphQLObjectType: TypeDef.with_object,
    GraphQLInterfaceType: TypeDef.with_interface,
    GraphQLEnumType: TypeDef.with_enum,
}
