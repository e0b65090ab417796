"""A module's toolchains: modules whose functions, checks and generators are offered beside its own.

Imported only for modules that have some.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from dagger_local.api.evaluate import Method
from dagger_local.api.names import camel
from dagger_local.api.objects.module import Check, Module
from dagger_local.api.objects.typedef import Function, FunctionArg, ObjectTypeDef, TypeDef
from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.modules.marked import with_marked
from dagger_local.modules.served import ServedModule
from dagger_local.modules.source import Dependency, ModuleSource
from dagger_local.modules.types import main_object


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A toolchain as its user has it: its definition with what is marked in it, or why it is `missing`."""

    wanted: Dependency
    definition: Module | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a module offers with its toolchains, and what answers the functions that lead to them.

    `definition` has all types, `own` those of the module alone: the toolchains' are in the schema already.
    """

    definition: Module
    own: Module
    methods: Mapping[tuple[str, str], Method] = field(default_factory=dict)


def offered(
    definition: Module,
    source: ModuleSource,
    missing: Mapping[str, str],
    served: Mapping[str, ServedModule],
    functions: dict[tuple[str, str], Method],
) -> tuple[Module, Module]:
    """Return a module's definition with its toolchains, and with its own types alone; `functions` gets what answers.

    `served` has those that can be served, `missing` why others cannot.
    """
    toolchains = [
        Toolchain(each, with_marked(served[each.name]))
        if each.name in served
        else Toolchain(each, missing=missing[each.name])
        for each in source.dependencies
        if each.is_toolchain
    ]
    whole = with_toolchains(definition, toolchains, functions)
    functions |= whole.methods
    return whole.definition, whole.own


def with_toolchains(
    definition: Module, toolchains: Sequence[Toolchain], functions: Mapping[tuple[str, str], Method]
) -> Offered:
    """Add toolchains to a module's definition; `functions` has what makes their main objects.

    One that cannot be served is a check that fails, so that none of its checks is taken to have passed.
    """
    main = main_object(definition)
    if main is None:
        return Offered(definition, definition)
    own = definition
    methods: dict[tuple[str, str], Method] = {}
    for each in toolchains:
        name = each.wanted.name
        if each.definition is None:
            methods[main.name, camel(name)] = _refusing(each.missing)
            kind = TypeDef(definition.engine, "VOID_KIND")
            main = _with(main, Function(definition.engine, name, each.missing, return_type=kind, is_check=True))
            check = Check(definition.engine, name, each.missing, _failing(each.missing))
            definition = replace(definition, given_checks=(*definition.given_checks, check))
            continue
        tool = main_object(each.definition)
        if tool is None:
            continue
        methods[main.name, camel(name)] = _making(functions["Query", camel(name)])
        kind = TypeDef(definition.engine, "OBJECT_KIND", as_object=tool)
        args = tool.constructor.args if tool.constructor else ()
        about = tool.description or each.definition.description
        main = _with(main, Function(definition.engine, name, about, return_type=kind, args=args))
        definition = _joined(definition, each.definition, each.wanted)
    return Offered(_leading(definition, main), _leading(own, main), methods)


def customized(definition: Module, wanted: Dependency) -> Module:
    """Return a toolchain's definition with the defaults that its user gives. Raises EngineError for unknown names."""
    for each in wanted.settings.get("customizations") or ():
        definition = _with_default(definition, each, wanted.name)
    return definition


def _leading(definition: Module, main: ObjectTypeDef) -> Module:
    """Put the main object with the functions that lead to toolchains in its place."""
    objects = tuple(replace(each, as_object=main) if each.name() == main.name else each for each in definition.objects)
    return replace(definition, objects=objects)


def _joined(definition: Module, tool: Module, wanted: Dependency) -> Module:
    checks = tuple(_named(each, wanted.name) for each in tool.given_checks)
    generators = tuple(_named(each, wanted.name) for each in tool.given_generators)
    return replace(
        definition,
        objects=(*definition.objects, *tool.objects),
        interfaces=(*definition.interfaces, *tool.interfaces),
        enums=(*definition.enums, *tool.enums),
        given_checks=(*definition.given_checks, *_left(checks, wanted, "ignoreChecks")),
        given_generators=(*definition.given_generators, *_left(generators, wanted, "ignoreGenerators")),
        given_services=lambda: (*_services(definition), *_left(_services(tool, wanted.name), wanted, "ignoreServices")),
    )


def _services(definition: Module, tool: str = "") -> list[Any]:
    known = definition.given_services() if definition.given_services else ()
    return [_named(each, tool) if tool else each for each in known]


def _named(marked: Any, tool: str) -> Any:
    return replace(marked, name=f"{tool}:{marked.name}")


def _left(marked: Sequence[Any], wanted: Dependency, key: str) -> list[Any]:
    """Return what the user of a toolchain does not leave out by patterns for names."""
    patterns = [_folded(pattern) for pattern in wanted.settings.get(key) or ()]
    return [
        each
        for each in marked
        if not any(fnmatchcase(_folded(each.name.partition(":")[2]), pattern) for pattern in patterns)
    ]


def _folded(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def _with(main: ObjectTypeDef, function: Function) -> ObjectTypeDef:
    return replace(main, functions=(*main.functions, function))


def _making(constructor: Method) -> Method:
    async def make(_this: Any, args: Mapping[str, Any], recipe: Any) -> Any:
        return await constructor(None, args, recipe)

    make.raw = True  # type: ignore[attr-defined]
    return make


def _refusing(why: str) -> Method:
    async def refuse(_this: Any, _args: Any, _recipe: Any) -> Any:
        raise EngineError(why)

    refuse.raw = True  # type: ignore[attr-defined]
    return refuse


def _failing(why: str) -> Callable[[], Any]:
    async def fail() -> None:
        raise EngineError(why)

    return fail


def _with_default(definition: Module, said: Mapping[str, Any], tool: str) -> Module:
    """Give an argument of a function, or of the constructor, another default."""
    path, name = list(said.get("function") or ()), str(said.get("argument"))
    shape = main_object(definition)
    shapes = {each.as_object.name: each.as_object for each in definition.objects if each.as_object}
    for step in path[:-1]:
        found = _function(shape, step)
        leaf = found.return_type.as_object if found else None
        shape = shapes.get(leaf.name) if leaf else None
    function = (_function(shape, path[-1]) if path else shape.constructor) if shape else None
    if shape is None or function is None or not any(_folded(each.name) == _folded(name) for each in function.args):
        place = " ".join([tool, *path])
        raise EngineError(f"dagger.json: {place} has no argument {name!r}; its customization cannot be applied")
    args = tuple(_overridden(each, said) if _folded(each.name) == _folded(name) else each for each in function.args)
    changed = replace(function, args=args)
    if path:
        functions = tuple(changed if each is function else each for each in shape.functions)
        other = replace(shape, functions=functions)
    else:
        other = replace(shape, constructor=changed)
    objects = tuple(replace(each, as_object=other) if each.as_object is shape else each for each in definition.objects)
    return replace(definition, objects=objects)


def _function(shape: ObjectTypeDef | None, name: str) -> Function | None:
    return next((each for each in shape.functions if _folded(each.name) == _folded(name)), None) if shape else None


def _overridden(arg: FunctionArg, said: Mapping[str, Any]) -> FunctionArg:
    if "defaultAddress" in said:
        raise UnsupportedError("defaultAddress in a toolchain's customizations")
    if "default" in said:
        text = str(said["default"])
        arg = replace(arg, default_value=json.dumps(text) if arg.type_def.kind == "STRING_KIND" else text)
    if "defaultPath" in said:
        arg = replace(arg, default_path=str(said["defaultPath"]), type_def=arg.type_def.with_optional(True))
    return replace(arg, ignore=tuple(said["ignore"])) if "ignore" in said else arg
