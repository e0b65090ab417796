"""Write the Python bindings of modules that a module depends on, as `dagger develop` generates them.

A module then calls `dag.notes().page("one")`, whose types are `dagger.Notes` and `dagger.NotesPage`.
Imported only for modules that depend on others.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from keyword import iskeyword
from typing import Any

from dagger_local.api.names import camel, pascal
from dagger_local.api.objects.module import Module
from dagger_local.api.objects.typedef import (
    EnumTypeDef,
    FieldTypeDef,
    Function,
    FunctionArg,
    InterfaceTypeDef,
    ObjectTypeDef,
    TypeDef,
)
from dagger_local.modules.types import main_object

_HEAD = '''"""The modules that this one depends on. Generated: an edit is lost."""

from typing import Protocol, runtime_checkable

from typing_extensions import Self

from dagger.client._core import Arg
from dagger.client._guards import typecheck
from dagger.client.base import Enum, Type
from dagger.client.gen import *
'''
_SCALARS = {"STRING_KIND": "str", "INTEGER_KIND": "int", "FLOAT_KIND": "float", "BOOLEAN_KIND": "bool"}
_SHADOWED = ("str", "int", "float", "bool", "list", "type")
_ACRONYM = re.compile(r"([A-Z\d]+)(?=[A-Z\d]|$)")
_WORD = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def bindings(modules: Mapping[str, Module], missing: Mapping[str, str]) -> str:
    """Return the source of a module with classes for all types, and a function for each module, by name.

    `missing` says of the modules that cannot be served here why: each is refused when it is used.
    """
    parts = [_HEAD]
    for module in modules.values():
        parts += [_enum(each.as_enum) for each in module.enums if each.as_enum]
        parts += [_class(each.as_object, each.as_object.fields) for each in module.objects if each.as_object]
        parts += [_interface(each.as_interface) for each in module.interfaces if each.as_interface]
        parts += _entry(module)
    entries = ", ".join(f'"{_name(camel(name))}": {_name(camel(name))}' for name in modules)
    refused = {name: (_name(camel(name)), pascal(name), why) for name, why in missing.items()}
    parts.append(f"ENTRIES = {{{entries}}}\nMISSING = {sorted(refused.values())!r}\n")
    return "\n\n".join(parts)


def _enum(shape: EnumTypeDef) -> str:
    members = [f"    {each.name} = {(each.value or each.name)!r}" for each in shape.members]
    return "\n".join([f"class {shape.name}(Enum):", *_doc(shape.description), *members, ""])


def _interface(shape: InterfaceTypeDef) -> str:
    """Return a protocol, which all that has its methods holds, and the class of what a function gives back as such."""
    functions = [_function(each.name, "", each.args, each.return_type, shape.name) for each in shape.functions]
    stubs = [f"{line} ..." for lines in functions for line in lines if line.lstrip().startswith(("def ", "async def "))]
    protocol = ["@runtime_checkable", f"class {shape.name}(Protocol):", *_doc(shape.description), *stubs, "", ""]
    named = ["", "    @classmethod", "    def _graphql_name(cls) -> str:", f"        return {shape.name!r}"]
    return "\n".join(protocol) + _class(shape, (), f"_{shape.name}Client", named)


def _class(
    shape: ObjectTypeDef | InterfaceTypeDef, fields: tuple[FieldTypeDef, ...], name: str = "", named: Sequence[str] = ()
) -> str:
    lines = ["@typecheck", f"class {name or shape.name}(Type):", *_doc(shape.description), *named]
    lines += _method("id", "", (), "str", "return await _ctx.execute(str)", is_async=True)
    for field in fields:
        lines += _function(field.name, field.description, (), field.type_def, shape.name)
    for function in shape.functions:
        lines += _function(function.name, function.description, function.args, function.return_type, shape.name)
    if any(_names(each.return_type, shape.name) for each in shape.functions):
        lines += ["", f'    def with_(self, cb) -> "{shape.name}":', "        return cb(self)"]
    return "\n".join([*lines, ""])


def _entry(module: Module) -> list[str]:
    """Return the function that makes a module's main object, to be a method of the client."""
    main = main_object(module)
    if main is None:
        return []
    field = camel(module.name)
    constructor = main.constructor or Function(module.engine, "", return_type=TypeDef(module.engine))
    call = f"return {main.name}(_ctx)"
    about = constructor.description or main.description
    lines = _method(field, about, constructor.args, f'"{main.name}"', call, is_async=False)
    return ["\n".join(["@typecheck", *(line[4:] for line in lines if line), ""])]


def _function(name: str, about: str, args: tuple[FunctionArg, ...], returns: TypeDef, within: str) -> list[str]:
    field = camel(name)
    if returns.kind == "VOID_KIND":
        return _method(field, about, args, "None", "await _ctx.execute()", is_async=True)
    leaf = _leaf(returns)
    if not (leaf.as_object or leaf.as_interface):
        hint = _hint(returns)
        return _method(field, about, args, hint, f"return await _ctx.execute({hint})", is_async=True)
    made = f"_{leaf.name()}Client" if leaf.as_interface else leaf.name()
    if returns.as_list:
        call = f"return await _ctx.execute_object_list({made})"
        return _method(field, about, args, f'"list[{leaf.name()}]"', call, is_async=True)
    hint = "Self" if leaf.name() == within else f'"{leaf.name()}"'
    return _method(field, about, args, hint, f"return {made}(_ctx)", is_async=False)


def _method(
    field: str, about: str, args: tuple[FunctionArg, ...], hint: str, call: str, *, is_async: bool
) -> list[str]:
    required = [each for each in args if each.is_required]
    optional = [each for each in args if not each.is_required]
    words = ["self", *(f"{_name(camel(each.name))}: {_quoted(each.type_def)}" for each in required)]
    words += ["*"] if optional else []
    words += [f"{_name(camel(each.name))}: {_optional(each)} = {_default(each)}" for each in optional]
    passed = ", ".join(_passed(each) for each in (*required, *optional))
    return [
        "",
        f"    {'async ' if is_async else ''}def {_name(field)}({', '.join(words)}) -> {hint}:",
        *("    " + line for line in _doc(about)),
        f'        _ctx = self._select("{field}", [{passed}])',
        f"        {call}",
    ]


def _passed(arg: FunctionArg) -> str:
    name = _name(camel(arg.name))
    default = "" if arg.is_required else f", {_value(arg)}"
    given = f"{_value(arg)} if {name} is None else {name}" if _is_mutable(arg) else name
    return f'Arg("{camel(arg.name)}", {given}{default})'


def _default(arg: FunctionArg) -> str:
    return "None" if _is_mutable(arg) else _value(arg)


def _is_mutable(arg: FunctionArg) -> bool:
    return isinstance(json.loads(arg.default_value or "null"), list)


def _value(arg: FunctionArg) -> str:
    """Return an argument's default as Python writes it."""
    return _written(json.loads(arg.default_value or "null"), arg.type_def)


def _written(value: Any, kind: TypeDef) -> str:
    if isinstance(value, list) and kind.as_list:
        return f"[{', '.join(_written(item, kind.as_list.element_type_def) for item in value)}]"
    return f"{kind.as_enum.name}.{value}" if kind.as_enum and value is not None else repr(value)


def _optional(arg: FunctionArg) -> str:
    takes_none = arg.type_def.optional or _default(arg) == "None"
    hint = _hint(arg.type_def.with_optional(False))
    return f'"{hint} | None"' if takes_none else f'"{hint}"'


def _quoted(kind: TypeDef) -> str:
    return f'"{_hint(kind)}"'


def _hint(kind: TypeDef) -> str:
    name = f"list[{_hint(kind.as_list.element_type_def)}]" if kind.as_list else _SCALARS.get(kind.kind) or kind.name()
    return f"{name} | None" if kind.optional else name


def _leaf(kind: TypeDef) -> TypeDef:
    return _leaf(kind.as_list.element_type_def) if kind.as_list else kind


def _names(kind: TypeDef, name: str) -> bool:
    return kind.as_list is None and not kind.optional and kind.name() == name


def _name(field: str) -> str:
    """Return a field's or an argument's name in Python, as Dagger's generator makes it."""
    word = _WORD.sub("_", _ACRONYM.sub(lambda found: found[0].title(), field)).lower()
    return f"{word}_" if iskeyword(word) or word in _SHADOWED else word


def _doc(about: str) -> Iterator[str]:
    if about:
        yield f"    {about!r}"
