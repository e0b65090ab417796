"""A result that is a changeset: show it, and apply it where the user says so."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dagger_local.cli import console
from dagger_local.cli.engine import Queries
from dagger_local.errors import EngineError

_SHOW = """
query Changes($id: ID!) {
  node(id: $id) {
    ... on Changeset { isEmpty addedPaths modifiedPaths removedPaths asPatch { contents } }
  }
}
"""
_MERGE = "query Merge($ids: [ID!]!) { changeset { withChangesets(changes: $ids) { id: sync } } }"
_APPLY = "query Apply($id: ID!, $path: String!) { node(id: $id) { ... on Changeset { export(path: $path) } } }"


async def settle(session: Queries, ids: str | Sequence[str], cwd: Path, *, apply: bool) -> int:
    """Show what a changeset (or several, as one) would do in `cwd`, and do it if the user agrees.

    Returns 1 when nobody could be asked and nothing was applied, as dagger does.
    """
    chosen = ids if isinstance(ids, str) else await _merged(session, ids)
    changes = (await session.query(_SHOW, {"id": chosen}))["node"]
    if changes["isEmpty"]:
        console.note("no changes to apply")
        return 0
    if not apply:
        patch = changes["asPatch"]["contents"]
        if not console.interactive():
            console.result(patch)
            raise EngineError(f"{summary(changes)}: not applied; run again with -y to apply")
        if not console.agreed(f"{patch.rstrip()}\n\n{summary(changes)}\nApply to {cwd}? [y/N] "):
            console.note("nothing applied")
            return 0
    await session.query(_APPLY, {"id": chosen, "path": str(cwd)})
    console.note(f"{summary(changes)}: applied to {cwd}")
    return 0


def summary(changes: Mapping[str, Any]) -> str:
    """Say how many files a changeset adds, changes and removes."""
    counts = [
        (len([path for path in changes[f"{kind}Paths"] if not path.endswith("/")]), kind)
        for kind in ("added", "modified", "removed")
    ]
    return ", ".join(f"{count} {kind}" for count, kind in counts if count) or "directories only"


async def _merged(session: Queries, ids: Sequence[str]) -> str:
    if len(ids) == 1:
        return ids[0]
    answer = await session.query(_MERGE, {"ids": list(ids)})
    return str(answer["changeset"]["withChangesets"]["id"])
