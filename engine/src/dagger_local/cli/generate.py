"""`dagger-local generate`: list a module's generators, or run those that match and apply what they made."""

from collections.abc import Sequence
from pathlib import Path

from dagger_local.cli import console
from dagger_local.cli.changes import settle
from dagger_local.cli.checks import select, table
from dagger_local.cli.engine import Engine
from dagger_local.cli.help import first_line
from dagger_local.cli.loaded import load
from dagger_local.cli.names import kebab
from dagger_local.cli.options import Options

_LIST = "query Generators { currentWorkspace { generators { list { name description } } } }"
_RUN = """
query RunGenerators($include: [String!]) {
  currentWorkspace { generators(include: $include) { run { changes { id: sync } } } }
}
"""


async def generate(session: Engine, patterns: Sequence[str], options: Options, cwd: Path, *, listing: bool) -> int:
    """Run the generators that match `patterns` (all, without any) and settle their changes, as one, in `cwd`."""
    module = await load(session, options.mod, cwd)
    known = (await session.query(_LIST))["currentWorkspace"]["generators"]["list"]
    chosen = select(known, patterns, "generator", module.at.name)
    if listing:
        console.result(table([(kebab(each["name"]), first_line(each["description"] or "")) for each in chosen]))
        return 0
    answer = await session.query(_RUN, {"include": [each["name"] for each in chosen]})
    changes = answer["currentWorkspace"]["generators"]["run"]["changes"]["id"]
    return await settle(session, changes, cwd, apply=options.auto_apply)
