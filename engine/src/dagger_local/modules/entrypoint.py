"""A module's functions at the root of the API, as `query` has them: beside the core's own fields, which keep theirs."""

from collections.abc import Collection, Mapping
from typing import Any

from dagger_local.api.evaluate import Method
from dagger_local.api.names import camel
from dagger_local.api.objects.typedef import Function
from dagger_local.api.recipe import Recipe
from dagger_local.modules.served import ServedModule
from dagger_local.modules.types import args_text, function_text, main_object

_CONSTRUCTOR = "with"


def entrypoint(served: ServedModule, taken: Collection[str]) -> tuple[str, dict[tuple[str, str], Method]]:
    """Return the root's part of the schema and what answers it.

    The main object's functions are there under their own names unless those are `taken`, and its constructor as `with`.
    """
    definition = served.definition
    main = main_object(definition)
    if main is None:
        return "", {}
    methods = served.methods()
    root = Recipe(main.name, camel(definition.name), Recipe("Query"))

    def proxy(method: Method) -> Method:
        async def call(_this: Any, args: Mapping[str, Any], recipe: Recipe) -> Any:
            return await method(await definition.engine.evaluator.evaluate(root), args, recipe)

        call.raw = True  # type: ignore[attr-defined]
        call.lasting = method.lasting  # type: ignore[attr-defined]
        return call

    functions: list[Function] = [each for each in main.functions if camel(each.name) not in taken]
    found = {("Query", camel(each.name)): proxy(methods[main.name, camel(each.name)]) for each in functions}
    found["Query", _CONSTRUCTOR] = methods["Query", camel(definition.name)]
    lines = [f"  {_CONSTRUCTOR}{args_text(main.constructor)}: {main.name}!", *map(function_text, functions)]
    return "extend type Query {\n" + "\n".join(lines) + "\n}", found
