"""`dagger-local up`: list a module's services, or open those that match on this machine until interrupted."""

from collections.abc import Sequence
from pathlib import Path

from dagger_local.cli import console
from dagger_local.cli.checks import select, table
from dagger_local.cli.engine import Engine
from dagger_local.cli.help import first_line
from dagger_local.cli.loaded import load
from dagger_local.cli.names import kebab
from dagger_local.cli.options import Options

_LIST = "query Services { currentWorkspace { services { list { name description } } } }"
_RUN = "query Up($include: [String!]) { currentWorkspace { services(include: $include) { run { id } } } }"


async def up(session: Engine, patterns: Sequence[str], options: Options, cwd: Path, *, listing: bool) -> int:
    """Open the services that match `patterns` (all, without any), and leave them so until the command is ended."""
    module = await load(session, options.mod, cwd)
    known = (await session.query(_LIST))["currentWorkspace"]["services"]["list"]
    chosen = select(known, patterns, "service", module.at.name)
    if listing:
        console.result(table([(kebab(each["name"]), first_line(each["description"] or "")) for each in chosen]))
        return 0
    await session.query(_RUN, {"include": [each["name"] for each in chosen]})
    return 0
