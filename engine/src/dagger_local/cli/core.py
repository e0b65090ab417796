"""The engine's own types, as far as a chain goes into them: read from its schema, which takes time, so only then."""

from functools import cache

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeNode,
    parse,
    print_ast,
)

from dagger_local.api.schema import files_text
from dagger_local.cli.parse import Types
from dagger_local.cli.typedefs import Argument, Enum, Function, Object, Type

_KINDS = {"String": "STRING", "Int": "INTEGER", "Float": "FLOAT", "Boolean": "BOOLEAN", "Void": "VOID"}


def core_types() -> Types:
    """Return all of the engine's types."""
    enums = {
        node.name.value: tuple(value.name.value for value in node.values or ())
        for node in _schema().definitions
        if isinstance(node, EnumTypeDefinitionNode)
    }
    return Types(core_object, {name: Enum(name, members, members) for name, members in enums.items()})


@cache
def core_object(name: str) -> Object | None:
    """Return the engine's object type of that name."""
    for node in _schema().definitions:
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) and node.name.value == name:
            description = node.description.value if node.description else ""
            return Object(name, description, tuple(_function(each) for each in node.fields or ()))
    return None


@cache
def _schema() -> DocumentNode:
    return parse(files_text(), no_location=True)


@cache
def _kinds() -> dict[str, str]:
    kinds = {"scalar": "SCALAR", "object": "OBJECT", "interface": "INTERFACE", "enum": "ENUM", "input": "INPUT"}
    found = dict(_KINDS)
    for node in _schema().definitions:
        kind = kinds.get(node.kind.partition("_")[0])
        name = getattr(node, "name", None)
        if kind and name and name.value not in found:
            found[name.value] = kind
    return found


def _function(node: FieldDefinitionNode) -> Function:
    description = node.description.value if node.description else ""
    return Function(node.name.value, _type(node.type), description, tuple(map(_argument, node.arguments or ())))


def _argument(node: InputValueDefinitionNode) -> Argument:
    return Argument(
        name=node.name.value,
        type=_type(node.type, _expected(node)),
        description=node.description.value if node.description else "",
        default=print_ast(node.default_value) if node.default_value else "",
    )


def _expected(node: InputValueDefinitionNode) -> str:
    """Return what an ID stands for: the `@expectedType` of the argument."""
    for directive in node.directives or ():
        if directive.name.value == "expectedType":
            value = directive.arguments[0].value if directive.arguments else None
            return value.value if isinstance(value, StringValueNode) else ""
    return ""


def _type(node: TypeNode, expected: str = "") -> Type:
    required = isinstance(node, NonNullTypeNode)
    inner = node.type if isinstance(node, NonNullTypeNode) else node
    if isinstance(inner, ListTypeNode):
        return Type("LIST", "", not required, _type(inner.type, expected))
    name = print_ast(inner)
    if name == "ID":
        return Type("OBJECT", expected, not required) if expected else Type("SCALAR", "ID", not required)
    return Type(_kinds().get(name, "SCALAR"), name, not required)
