"""A module's types in the API: their names there, and their part of the schema."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dagger_local.api.names import camel, pascal
from dagger_local.api.objects.module import Module
from dagger_local.api.objects.typedef import (
    EnumTypeDef,
    Function,
    FunctionArg,
    InterfaceTypeDef,
    ObjectTypeDef,
    TypeDef,
)

_SCALARS = {"STRING_KIND": "String", "INTEGER_KIND": "Int", "FLOAT_KIND": "Float", "BOOLEAN_KIND": "Boolean"}


def named_for_api(module: Module, name: str, alias: str = "") -> Module:
    """Give the module's own types their names in the API: the module's name before all but the main object's.

    That is `alias`, if a module that depends on it calls it so.
    """
    prefix, final = pascal(name), pascal(alias or name)
    own = {each.name() for each in (*module.objects, *module.interfaces, *module.enums)}

    def rename(text: str) -> str:
        if text not in own:
            return text
        rest = text.removeprefix(prefix)
        return final + rest if rest != text and (not rest or rest[0].isupper()) else final + pascal(text)

    return replace(
        module,
        name=alias or name,
        objects=tuple(_renamed(each, rename, final) for each in module.objects),
        interfaces=tuple(_renamed(each, rename, final) for each in module.interfaces),
        enums=tuple(_renamed(each, rename, final) for each in module.enums),
    )


def _renamed(shape: TypeDef, rename: Callable[[str], str], module: str) -> TypeDef:
    def function(this: Function) -> Function:
        args = tuple(replace(arg, type_def=_of_argument(type_def(arg.type_def))) for arg in this.args)
        return replace(this, return_type=type_def(this.return_type), args=args)

    def type_def(this: TypeDef) -> TypeDef:
        return _renamed(this, rename, module)

    if shape.as_list:
        element = type_def(shape.as_list.element_type_def)
        return replace(shape, as_list=replace(shape.as_list, element_type_def=element))
    if shape.as_enum:
        named = replace(shape.as_enum, name=rename(shape.as_enum.name), source_module_name=module)
        return replace(shape, as_enum=named)
    if shape.as_interface:
        face = shape.as_interface
        functions = tuple(map(function, face.functions))
        return replace(
            shape,
            as_interface=replace(face, name=rename(face.name), source_module_name=module, functions=functions),
        )
    if shape.as_object:
        this = shape.as_object
        return replace(
            shape,
            as_object=replace(
                this,
                name=rename(this.name),
                original=this.name,
                source_module_name=module,
                fields=tuple(replace(each, type_def=type_def(each.type_def)) for each in this.fields),
                functions=tuple(map(function, this.functions)),
                constructor=function(this.constructor) if this.constructor else None,
            ),
        )
    return shape


def _of_argument(shape: TypeDef) -> TypeDef:
    """Return an argument's type; a Workspace is given by the engine where it is not by the caller."""
    return shape.with_optional(True) if is_workspace(shape) else shape


def is_workspace(shape: TypeDef) -> bool:
    """Tell whether a type is the engine's Workspace."""
    return shape.as_object is not None and shape.name() == "Workspace"


def schema_of(module: Module) -> str:
    """Return the module's part of the schema, in GraphQL's schema language."""
    parts = [_enum(each.as_enum) for each in module.enums if each.as_enum]
    parts += [_interface(each.as_interface) for each in module.interfaces if each.as_interface]
    parts += [_object(each.as_object) for each in module.objects if each.as_object]
    main = main_object(module)
    if main:
        parts.append(f"extend type Query {{ {camel(module.name)}{args_text(main.constructor)}: {main.name}! }}")
    return "\n".join(parts)


def main_object(module: Module) -> ObjectTypeDef | None:
    """Return the object whose constructor is the module's entry point."""
    wanted = pascal(module.name)
    objects = (each.as_object for each in module.objects if each.as_object)
    return next((each for each in objects if each.name == wanted), None)


def type_name(shape: TypeDef) -> str:
    """Return a type as the schema writes it."""
    if shape.kind == "VOID_KIND":
        return "Void"
    if shape.as_list:
        name = f"[{type_name(shape.as_list.element_type_def)}]"
    else:
        name = _SCALARS.get(shape.kind) or shape.name()
    return name if shape.optional else f"{name}!"


def _enum(shape: EnumTypeDef) -> str:
    members = "\n".join(f"  {member.name}" for member in shape.members)
    return f"{_text(shape.description)}enum {shape.name} {{\n{members}\n}}"


def _object(shape: ObjectTypeDef) -> str:
    lines = ["  id: ID!"]
    lines += [f"  {_text(each.description)}{camel(each.name)}: {type_name(each.type_def)}" for each in shape.fields]
    body = "\n".join([*lines, *map(function_text, shape.functions)])
    return f"{_text(shape.description)}type {shape.name} implements Node {{\n{body}\n}}"


def _interface(shape: InterfaceTypeDef) -> str:
    """Write an interface; which types implement it is found out when the schema is made."""
    body = "\n".join(["  id: ID!", *map(function_text, shape.functions)])
    return f"{_text(shape.description)}interface {shape.name} implements Node {{\n{body}\n}}"


def function_text(shape: Function) -> str:
    """Return a function as a line of the schema."""
    return f"  {_text(shape.description)}{camel(shape.name)}{args_text(shape)}: {type_name(shape.return_type)}"


def args_text(function: Function | None) -> str:
    """Return a function's arguments in the schema language."""
    if function is None or not function.args:
        return ""
    return f"({', '.join(map(_arg, function.args))})"


def _arg(arg: FunctionArg) -> str:
    shape = arg.type_def
    kind, directive = _input(shape)
    default = ""
    if arg.default_value:
        kind = kind.removesuffix("!")
        if arg.default_value != "null":
            default = f" = {_literal(json.loads(arg.default_value), shape)}"
    return f"{_text(arg.description)}{camel(arg.name)}: {kind}{default}{directive}"


def _input(shape: TypeDef) -> tuple[str, str]:
    """Return an argument's type: objects go by id."""
    end = "" if shape.optional else "!"
    if shape.as_list:
        inner, directive = _input(shape.as_list.element_type_def)
        return f"[{inner}]{end}", directive
    if shape.as_object or shape.as_interface:
        return f"ID{end}", f' @expectedType(name: "{shape.name()}")'
    return type_name(shape), ""


def _literal(value: Any, shape: TypeDef) -> str:
    """Write a JSON value as GraphQL does; an enumeration's member goes by its bare name."""
    if shape.as_enum and isinstance(value, str):
        return value
    if shape.as_list and isinstance(value, list):
        return f"[{', '.join(_literal(item, shape.as_list.element_type_def) for item in value)}]"
    return json.dumps(value)


def _text(description: str) -> str:
    return f"{json.dumps(description, ensure_ascii=False)} " if description else ""
