"""Read command lines as dagger-local does, and run none: `python -m line_reader < LINES`, from the module's folder.

A line is a JSON list of words; for each comes a line of JSON: what is wrong with it, or an empty string.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from dagger_local.cli.checks import select
from dagger_local.cli.commands import COMMANDS
from dagger_local.cli.engine import Engine, engine
from dagger_local.cli.flags import scan
from dagger_local.cli.loaded import LoadedModule, load
from dagger_local.cli.options import all_flags
from dagger_local.cli.parse import plan
from dagger_local.errors import EngineError
from dagger_local.namespace import enter

_CHECKS = "query Checks { currentWorkspace { checks { list { name description } } } }"
_ELSEWHERE = ("login", "$@")  # what Dagger alone has, and what any may be


async def main() -> None:
    """Read the lines of standard input against the module that is here."""
    async with engine(Path.cwd(), Path.cwd()) as session:
        module = await load(session, "", Path.cwd())
        for line in sys.stdin:
            try:
                await read(session, module, json.loads(line))
            except EngineError as error:
                print(json.dumps(str(error)))  # noqa: T201 - the answer
            else:
                print(json.dumps(""))  # noqa: T201 - the answer


async def read(session: Engine, module: LoadedModule, words: Sequence[str]) -> None:
    """Read one line. Raises EngineError on what `dagger` would not take."""
    if not words or words[0] in _ELSEWHERE:
        return
    command = next((each for each in COMMANDS if each.name == words[0]), None)
    if command is None:
        raise EngineError(f"there is no command {words[0]}")
    if command.name == "call":
        plan(words[1:], module.field, module.constructor, module.types, Path.cwd())
        return
    found = scan(words[1:], all_flags(command.flags, module=command.module))
    if command.name == "check":
        known = (await session.query(_CHECKS))["currentWorkspace"]["checks"]["list"]
        select(known, found.rest, "check", module.at.name)


if __name__ == "__main__":
    enter()
    asyncio.run(main())
