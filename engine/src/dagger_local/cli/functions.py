"""`dagger-local functions`: list what can be called, on the module or at the end of a chain of functions."""

from collections.abc import Sequence
from pathlib import Path

from dagger_local.cli import console
from dagger_local.cli.engine import Engine
from dagger_local.cli.flags import UsageError
from dagger_local.cli.help import functions_page
from dagger_local.cli.loaded import load
from dagger_local.cli.names import kebab, suggestion
from dagger_local.cli.options import Options
from dagger_local.cli.parse import Types, callable_functions
from dagger_local.cli.typedefs import Object


async def functions(session: Engine, names: Sequence[str], options: Options, cwd: Path) -> int:
    """Print the functions of the object that the chain `names` leads to."""
    module = await load(session, options.mod, cwd)
    at_the_root = () if names else ("with",)  # its constructor, there
    console.result(functions_page(walk(module.main, names, module.types), *at_the_root))
    return 0


def walk(target: Object, names: Sequence[str], types: Types) -> Object:
    """Follow functions by name to the object at the end. Raises UsageError."""
    for name in names:
        known = {kebab(each.name): each for each in callable_functions(target)}
        function = known.get(kebab(name))
        if function is None:
            near = suggestion(kebab(name), known)
            raise UsageError(f"no function {name!r} in {target.name}{near}", "functions")
        found = types.objects(function.returns.leaf.name) if function.returns.has_functions else None
        if found is None:
            raise UsageError(f"function {name!r} returns {function.returns}, which has no functions", "functions")
        target = found
    return target
