"""Defaults that a user gives to a module's arguments: in a `.env` beside its dagger.json, or where it is called."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from dagger_local.api.names import camel
from dagger_local.api.objects.env_file import EnvFile, read_env_file
from dagger_local.api.objects.module import Module
from dagger_local.api.objects.typedef import Function, FunctionArg, TypeDef
from dagger_local.errors import EngineError
from dagger_local.progress import step


def with_user_defaults(
    definition: Module, name: str, inner: Path | None, outer: Path | None, environ: Mapping[str, str]
) -> Module:
    """Return a module's definition with what its user gives to arguments. Blocking.

    `inner`, in the module's folder, names an argument of the constructor as it is called and one of a function as
    FUNCTION_ARGUMENT; `outer` says the module's name before that. Raises EngineError on a value that is none.
    """
    variables = EnvFile(definition.engine, expand=True)
    for file, prefix in ((inner, ""), (outer, name)):
        if file:
            read = read_env_file(definition.engine, file.read_text(errors="replace"), expand=True)
            read = read.namespace(prefix) if prefix else read
            variables = replace(
                variables,
                pairs=tuple({**dict(variables.pairs), **dict(read.pairs)}.items()),
                context=(*variables.context, *read.context),
            )
    with step("user defaults", shown=1, heard=0) as this:
        return _Given(definition, environ, this.log).applied(variables)


class _Bound(dict[str, str]):
    """Variables of which none is empty for not being there."""

    def get(self, name: str, default: object = None) -> str:  # noqa: ARG002
        return self[name]


class _Given:
    def __init__(self, definition: Module, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._definition = definition
        self._environ = _Bound(environ)
        self._say = say

    def applied(self, variables: EnvFile) -> Module:
        return replace(
            self._definition, objects=tuple(self._object(each, variables) for each in self._definition.objects)
        )

    def _object(self, shape: TypeDef, variables: EnvFile) -> TypeDef:
        this = shape.as_object
        if this is None:
            return shape
        is_main = this.original.lower() == camel(self._definition.name).lower()
        own = variables if is_main else variables.namespace(this.original)
        functions = tuple(self._function(each, own.namespace(each.name)) for each in this.functions)
        constructor = self._function(this.constructor, own) if this.constructor else None
        return replace(shape, as_object=replace(this, functions=functions, constructor=constructor))

    def _function(self, function: Function, variables: EnvFile) -> Function:
        return replace(function, args=tuple(self._argument(function, arg, variables) for arg in function.args))

    def _argument(self, function: Function, arg: FunctionArg, variables: EnvFile) -> FunctionArg:
        key = next((name for name, _ in variables.pairs if name.lower() == camel(arg.name).lower()), None)
        if key is None:
            return arg
        whole = ".".join(filter(None, (camel(self._definition.name), camel(function.name))))
        try:
            text = variables.get(key, self._environ)
        except KeyError as error:
            said = f"user defaults {whole}({camel(arg.name)}=...): {error.args[0]}: unbound variable"
            raise EngineError(f"{said}; set it, or give it a value in .env") from None
        element = arg.type_def.as_list.element_type_def if arg.type_def.as_list else arg.type_def
        is_plain_secret = element.name() == "Secret" and "://" not in text
        self._say(f"user default: {whole}({camel(arg.name)}={'*****' if is_plain_secret else json.dumps(text)})")
        if element.as_object:
            return replace(arg, type_def=arg.type_def.with_optional(True), user_default=text, default_path="")
        try:
            values = [_value(element, each) for each in (text.split(",") if arg.type_def.as_list else [text])]
        except ValueError:
            raise EngineError(
                f"user defaults {whole}({camel(arg.name)}=...): {text!r} in .env is none of its type; change it there"
            ) from None
        return replace(arg, default_value=json.dumps(values if arg.type_def.as_list else values[0]))


def _value(kind: TypeDef, text: str) -> object:
    """Read a value of a type that is no object's. Raises ValueError."""
    if kind.kind == "STRING_KIND":
        return text
    return int(text) if kind.kind == "INTEGER_KIND" else json.loads(text)
