"""A module's types as the engine describes them, read into plain values."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dagger_local.api.names import camel

QUERY = """\
query TypeDefs {
  currentTypeDefs(hideCore: true) {
    kind
    asObject {
      name description
      constructor { ...Callable }
      functions { ...Callable }
      fields { name description typeDef { ...Type } }
    }
    asInterface { name description functions { ...Callable } }
    asEnum { name description members { name value description } }
  }
}
fragment Callable on Function {
  name description
  returnType { ...Type }
  args { name description defaultValue defaultPath ignore typeDef { ...Type } }
}
fragment Type on TypeDef { ...Named asList { elementTypeDef { ...Named asList { elementTypeDef { ...Named } } } } }
fragment Named on TypeDef {
  kind optional
  asObject { name } asInterface { name } asEnum { name } asScalar { name } asInput { name }
}
"""
"""All of a module's types in one query: the lists of lists that nest deeper take no flags anyway."""

_PRIMITIVES = {"STRING": "String", "INTEGER": "Int", "FLOAT": "Float", "BOOLEAN": "Boolean", "VOID": "Void"}


@dataclass(frozen=True, slots=True)
class Type:
    """A use of a type: `kind` is dagger's without `_KIND`; `name` is its GraphQL name, empty for a list."""

    kind: str
    name: str = ""
    optional: bool = False
    element: "Type | None" = None

    @property
    def leaf(self) -> "Type":
        """The type itself, or what its list holds."""
        return self.element.leaf if self.element else self

    @property
    def has_functions(self) -> bool:
        """Whether functions can be chained on it."""
        return self.leaf.kind in ("OBJECT", "INTERFACE")

    def __str__(self) -> str:
        if self.element:
            return f"[]{self.element}"
        plain = {"STRING": "string", "INTEGER": "int", "FLOAT": "float", "BOOLEAN": "bool", "VOID": "void"}
        return plain.get(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a function; `default` is JSON, empty when there is none."""

    name: str
    type: Type
    description: str = ""
    default: str = ""
    default_path: str = ""
    ignore: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return not (self.type.optional or self.default or self.default_path)


@dataclass(frozen=True, slots=True)
class Function:
    """A function, or a field as a function without arguments."""

    name: str
    returns: Type
    description: str = ""
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Object:
    """An object or an interface: a name and what can be called on it."""

    name: str
    description: str = ""
    functions: tuple[Function, ...] = ()
    constructor: Function | None = None

    def function(self, name: str) -> Function | None:
        """Return the function of that GraphQL name."""
        return next((each for each in self.functions if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Enum:
    """An enumeration: its members' names, and the values they stand for."""

    name: str
    members: tuple[str, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeDefs:
    """Types by their GraphQL names."""

    objects: Mapping[str, Object]
    enums: Mapping[str, Enum]


def read(answer: Mapping[str, Any]) -> TypeDefs:
    """Read what QUERY answers."""
    objects: dict[str, Object] = {}
    enums: dict[str, Enum] = {}
    for each in answer["currentTypeDefs"]:
        if shape := each.get("asObject") or each.get("asInterface"):
            objects[shape["name"]] = _object(shape)
        elif shape := each.get("asEnum"):
            names = tuple(member["name"] for member in shape["members"])
            enums[shape["name"]] = Enum(shape["name"], names, tuple(member["value"] for member in shape["members"]))
    return TypeDefs(objects, enums)


def _object(shape: Mapping[str, Any]) -> Object:
    fields = tuple(
        Function(camel(each["name"]), _type(each["typeDef"]), each["description"] or "")
        for each in shape.get("fields") or ()
    )
    functions = tuple(_function(each) for each in shape.get("functions") or ())
    constructor = shape.get("constructor")
    return Object(
        shape["name"],
        shape["description"] or "",
        fields + functions,
        _function(constructor) if constructor else None,
    )


def _function(shape: Mapping[str, Any]) -> Function:
    return Function(
        camel(shape["name"]),
        _type(shape["returnType"]),
        shape["description"] or "",
        _arguments(shape.get("args") or ()),
    )


def _arguments(shapes: Iterable[Mapping[str, Any]]) -> tuple[Argument, ...]:
    return tuple(
        Argument(
            name=camel(each["name"]),
            type=_type(each["typeDef"]),
            description=each["description"] or "",
            default=_json_text(each["defaultValue"]),
            default_path=each["defaultPath"] or "",
            ignore=tuple(each["ignore"] or ()),
        )
        for each in shapes
    )


def _json_text(value: Any) -> str:
    """Return a JSON scalar as text, whether it came as that or already parsed; `null` is no default."""
    if value is None or value in ("", "null"):
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _type(shape: Mapping[str, Any]) -> Type:
    kind = str(shape["kind"]).removesuffix("_KIND")
    optional = bool(shape.get("optional"))
    if kind == "LIST":
        return Type(kind, "", optional, _type(shape["asList"]["elementTypeDef"]))
    named = next((shape[key] for key in _NAMED if shape.get(key)), None)
    return Type(kind, named["name"] if named else _PRIMITIVES.get(kind, ""), optional)


_NAMED = ("asObject", "asInterface", "asEnum", "asScalar", "asInput")
