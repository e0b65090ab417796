"""Which types implement a module's interfaces: all that have its fields, as they are, without saying so."""

from collections.abc import Callable, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_required_argument,
)

Pair = tuple[str, str]
Composite = GraphQLObjectType | GraphQLInterfaceType


def implementations(schema: GraphQLSchema, interfaces: Mapping[str, GraphQLInterfaceType]) -> str:
    """Return, in the schema language, which types implement which of `interfaces`.

    Types name each other, so all are taken to fit at first, and pairs are dropped until those left hold each other up.
    """
    types = {name: kind for name, kind in schema.type_map.items() if isinstance(kind, Composite)}
    pairs = {(name, face) for name in types for face in interfaces if name != face and not name.startswith("__")}
    while unfit := {(name, face) for name, face in pairs if not _fits(types[name], interfaces[face], pairs)}:
        pairs -= unfit
    # Of two interfaces that are alike, one implements the other: they cannot both.
    once = sorted((name, face) for name, face in pairs if (face, name) not in pairs or name < face)
    kinds = {name: "interface" if name in interfaces else "type" for name in types}
    return "\n".join(f"extend {kinds[name]} {name} implements {face}" for name, face in once)


def _fits(kind: Composite, face: GraphQLInterfaceType, pairs: set[Pair]) -> bool:
    return all(
        name in kind.fields
        and _goes(kind.fields[name].type, field.type, lambda one, other: (one, other) in pairs)
        and _takes(kind.fields[name].args, field.args)
        for name, field in face.fields.items()
    )


def _takes(ours: Mapping[str, GraphQLArgument], asked: Mapping[str, GraphQLArgument]) -> bool:
    """Whether a field with `ours` can be called as one with the arguments `asked`."""
    return all(name in ours and _goes(arg.type, ours[name].type) for name, arg in asked.items()) and not any(
        is_required_argument(arg) for name, arg in ours.items() if name not in asked
    )


def _goes(kind: object, where: object, is_sub: Callable[[str, str], bool] = lambda *_: False) -> bool:
    """Whether a value of a type goes where another is asked for."""
    if isinstance(where, GraphQLNonNull):
        return isinstance(kind, GraphQLNonNull) and _goes(kind.of_type, where.of_type, is_sub)
    if isinstance(kind, GraphQLNonNull):
        return _goes(kind.of_type, where, is_sub)
    if isinstance(kind, GraphQLList) or isinstance(where, GraphQLList):
        if not (isinstance(kind, GraphQLList) and isinstance(where, GraphQLList)):
            return False
        return _goes(kind.of_type, where.of_type, is_sub)
    return str(kind) == str(where) or is_sub(str(kind), str(where))
