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

_COMMANDS = {"check": "check", "generator": "generate", "service": "up"}
"""What runs them, which is also the name of the decorator that marks them."""

_LIST = """
query Checks($noGenerate: Boolean, $onlyGenerate: Boolean) {
  currentWorkspace {
    checks(noGenerate: $noGenerate, onlyGenerate: $onlyGenerate) { list { name description checkType } }
  }
}
"""
_RUN = """
query RunChecks($include: [String!], $noGenerate: Boolean, $onlyGenerate: Boolean, $failFast: Boolean) {
  currentWorkspace {
    checks(include: $include, noGenerate: $noGenerate, onlyGenerate: $onlyGenerate) {
      run(failFast: $failFast) { list { name completed passed error { message } } }
    }
  }
}
"""


async def check(
    session: Engine,
    patterns: Sequence[str],
    options: Options,
    cwd: Path,
    *,
    listing: bool,
    fail_fast: bool,
    kinds: Mapping[str, bool],
) -> int:
    """Run the checks that match `patterns` (all, without any); returns 1 if one fails.

    A generator is a check too, unless `kinds` say `noGenerate`; with `onlyGenerate` there are no others.
    """
    module = await load(session, options.mod, cwd)
    known = (await session.query(_LIST, kinds))["currentWorkspace"]["checks"]["list"]
    chosen = select(known, patterns, "check", module.at.name)
    if listing:
        console.result(listed(chosen))
        return 0
    names = [each["name"] for each in chosen]
    answer = await session.query(_RUN, {"include": names, "failFast": fail_fast, **kinds})
    results = answer["currentWorkspace"]["checks"]["run"]["list"]
    console.result(report(results))
    return 0 if all(each["passed"] for each in results) else 1


def select(known: Sequence[Mapping[str, Any]], patterns: Sequence[str], kind: str, module: str) -> list[Any]:
    """Return the checks, generators or services that match a pattern; all, without any.

    A pattern is a name, a parent's (`go` has `go:lint`), or a glob, with the module's name before it or without.
    """
    command = _COMMANDS[kind]
    if not known:
        raise UsageError(
            f"this module has no {kind}s: mark a function without required arguments with @{command}", command
        )
    names = {":".join(map(kebab, each["name"].split(":"))): each for each in known}
    own = kebab(module)
    wanted = ["*" if each == own and own not in names else each.removeprefix(f"{own}:") for each in patterns]
    for given, pattern in zip(patterns, wanted, strict=True):
        if not any(_matches(name, pattern) for name in names):
            raise UsageError(
                f"no {kind} matches {given!r}{suggestion(given, names)}; list them with {command} -l", command
            )
    if not patterns:
        return list(known)
    return [each for name, each in names.items() if any(_matches(name, pattern) for pattern in wanted)]


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


def listed(chosen: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of the checks, and one of the generators that are checks as well."""
    rows: dict[str, list[tuple[str, str]]] = {"check": [], "generate": []}
    for each in chosen:
        rows[each["checkType"]].append((kebab(each["name"]), first_line(each["description"] or "")))
    generators = [("", ""), ("Generators", ""), *rows["generate"]] if rows["generate"] else []
    return table([*rows["check"], *generators])


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Return a table of names and descriptions."""
    left = max(len(name) for name, _ in (*rows, ("Name", ""))) + 3
    return "".join(f"{f'{name:<{left}}{text}'.rstrip()}\n" for name, text in (("Name", "Description"), *rows))


def _matches(name: str, pattern: str) -> bool:
    wanted = ":".join(map(kebab, pattern.split(":"))) if "*" not in pattern else pattern
    return name == wanted or name.startswith(f"{wanted}:") or fnmatchcase(name, wanted)
