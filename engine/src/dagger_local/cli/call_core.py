"""`dagger-local core`: call the engine's own functions, without a module."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dagger_local.cli import console
from dagger_local.cli.call import execute
from dagger_local.cli.core import core_types
from dagger_local.cli.engine import Engine
from dagger_local.cli.flags import UsageError
from dagger_local.cli.help import call_help
from dagger_local.cli.parse import plan
from dagger_local.cli.typedefs import Function, Type


async def call_core(session: Engine, words: Sequence[str], cwd: Path) -> int:
    """Run the chain of the engine's own functions in `words` and print its result; returns the exit status."""
    asked = plan(words, "", Function("", Type("OBJECT", "Query")), core_types(), cwd, command="core")
    if asked.options.help:
        console.result(call_help(asked, "Call a core function", core_types().enums))
        return 0
    if not asked.words:
        raise UsageError("core needs a function; list them with core --help", "core")
    return await execute(session, replace(asked, calls=asked.calls[1:]), cwd)
