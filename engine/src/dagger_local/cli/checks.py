"""`dagger-local check`: list a module's checks, or run those that match, side by side."""

import textwrap
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from dagger_local.cli import console
from dagger_local.cli.engine import Engine
from dagger_local.cli.flags import UsageError
from dagger_local.cli.help import columns, first_line
from dagger_local.cli.loaded import load
from dagger_local.cli.names import kebab, suggestion
from dagger_local.cli.options import Options

_LIST = "query Checks { currentWorkspace { checks { list { name description } } } }"
_RUN = """
query RunChecks($include: [String!], $failFast: Boolean) {
  currentWorkspace {
    checks(include: $include) {
      run(failFast: $failFast) { list { name completed passed error { message } } }
    }
  }
}
"""


async def check(
    session: Engine, patterns: Sequence[str], options: Options, cwd: Path, *, listing: bool, fail_fast: bool
) -> int:
    """Run the checks that match `patterns` (all, without any); returns 1 if one fails."""
    await load(session, options.mod, cwd)
    known = (await session.query(_LIST))["currentWorkspace"]["checks"]["list"]
    chosen = select(known, patterns)
    if listing:
        console.result(table([(kebab(each["name"]), first_line(each["description"] or "")) for each in chosen]))
        return 0
    names = [each["name"] for each in chosen]
    answer = await session.query(_RUN, {"include": names, "failFast": fail_fast})
    results = answer["currentWorkspace"]["checks"]["run"]["list"]
    console.result(report(results))
    return 0 if all(each["passed"] for each in results) else 1


def select(known: Sequence[Mapping[str, Any]], patterns: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the checks that match: by name, by a parent's name (`go` has `go:lint`), or by a glob."""
    if not known:
        raise UsageError("this module has no checks: mark a function without required arguments with @check", "check")
    names = {":".join(map(kebab, each["name"].split(":"))): each for each in known}
    for pattern in patterns:
        if not any(_matches(name, pattern) for name in names):
            raise UsageError(
                f"no check matches {pattern!r}{suggestion(pattern, names)}; list them with check -l", "check"
            )
    if not patterns:
        return list(known)
    return [each for name, each in names.items() if any(_matches(name, pattern) for pattern in patterns)]


def report(results: Sequence[Mapping[str, Any]]) -> str:
    """Return one line a check, then what those that did not pass say, as it is: it has lines and columns of its own."""
    rows, said = [], []
    for each in results:
        name = ":".join(map(kebab, each["name"].split(":")))
        verdict = "passed" if each["passed"] else "failed" if each["completed"] else "cancelled"
        rows.append((name, verdict))
        why = ((each.get("error") or {}).get("message") or "").strip()
        if why and not each["passed"]:
            said.append(f"\n{name} {verdict}:\n{textwrap.indent(why, '  ')}\n")
    failed = sum(not each["passed"] for each in results)
    return f"{columns(rows)}\n{''.join(said)}\n{len(results) - failed} passed, {failed} failed\n"


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Return a table of names and descriptions."""
    left = max(len(name) for name, _ in (*rows, ("Name", ""))) + 3
    return "".join(f"{name:<{left}}{text}\n" for name, text in (("Name", "Description"), *rows))


def _matches(name: str, pattern: str) -> bool:
    wanted = ":".join(map(kebab, pattern.split(":"))) if "*" not in pattern else pattern
    return name == wanted or name.startswith(f"{wanted}:") or fnmatchcase(name, wanted)
