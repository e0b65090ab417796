"""What a module's functions are marked as: checks, generators, services to be opened."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from dagger_local.api.names import camel
from dagger_local.api.objects.generator import Generator
from dagger_local.api.objects.module import Check, Module
from dagger_local.api.objects.typedef import Function, ObjectTypeDef
from dagger_local.api.recipe import Recipe
from dagger_local.modules.served import ServedModule
from dagger_local.modules.types import main_object


def with_marked(served: ServedModule) -> Module:
    """Return the module's definition with what its functions are marked as.

    They are those of the main object, and of the objects that its functions return without arguments.
    """
    definition = served.definition

    def marked(kind: type, returned: str, is_meant: Callable[[Function], bool]) -> tuple[Any, ...]:
        return tuple(
            kind(
                *(definition.engine, name, function.description, served.call_bare(parent, function, returned)),
                original_module=definition,
            )
            for name, parent, function in _bare_functions(definition)
            if is_meant(function)
        )

    def services() -> tuple[Any, ...]:
        from dagger_local.api.objects.up import Up  # noqa: PLC0415 - few modules have any

        return marked(Up, "Service", lambda function: function.is_service)

    return replace(
        definition,
        given_checks=marked(Check, "Void", lambda function: function.is_check),
        given_generators=marked(Generator, "Changeset", lambda function: function.is_generator),
        given_services=services,
    )


def _bare_functions(definition: Module) -> Iterator[tuple[str, Recipe, Function]]:
    main = main_object(definition)
    if main:
        known = {each.as_object.name: each.as_object for each in definition.objects if each.as_object}
        yield from _walk((main,), known, Recipe(main.name, camel(definition.name), Recipe("Query")), "")


def _walk(
    shapes: tuple[ObjectTypeDef, ...], known: dict[str, ObjectTypeDef], parent: Recipe, path: str
) -> Iterator[tuple[str, Recipe, Function]]:
    """Yield what can be called without arguments, with its name and on what it is called.

    It is a function of the last of `shapes`, which return each other; none is entered twice.
    """
    for function in shapes[-1].functions:
        if any(arg.is_required for arg in function.args):
            continue
        name = f"{path}{function.name}"
        yield name, parent, function
        returned = function.return_type.as_object
        below = known.get(returned.name) if returned else None
        if below and below not in shapes and not function.is_check:
            yield from _walk((*shapes, below), known, Recipe(below.name, camel(function.name), parent), f"{name}:")
