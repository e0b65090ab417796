"""`dagger-local call`: plan the chain, load its arguments, run it as one query, show what comes back."""

from collections.abc import Sequence
from pathlib import Path

from dagger_local.cli import console
from dagger_local.cli.changes import settle
from dagger_local.cli.engine import Engine, Queries
from dagger_local.cli.flags import UsageError
from dagger_local.cli.help import call_help
from dagger_local.cli.loaded import load
from dagger_local.cli.options import Options
from dagger_local.cli.parse import Plan, has_argument, plan
from dagger_local.cli.query import Call, Input, Load, loads, read_loads, request, request_loads, unwrap
from dagger_local.cli.results import render


async def call(session: Engine, words: Sequence[str], seen: Options, cwd: Path) -> int:
    """Run the chain of functions in `words` and print its result; returns the exit status."""
    module = await load(session, seen.mod, cwd)
    asked = plan(words, module.field, module.constructor, module.types, cwd)
    if asked.options.help:
        console.result(call_help(asked, module.main.description, module.types.enums))
        return 0
    return await execute(session, asked, cwd)


async def execute(session: Queries, asked: Plan, cwd: Path) -> int:
    """Run a plan and print what it returns."""
    chain, leaf, exported = _end(asked, cwd)
    wanted = loads(chain)
    _check_paths(wanted)
    ids: tuple[str, ...] = ()
    if wanted:
        query = request_loads(wanted)
        ids = read_loads(wanted, await session.query(query.text, query.variables))
    query = request(chain, leaf, ids)
    answer = await session.query(query.text, query.variables)
    value = unwrap(answer, (*chain, Call("id")) if leaf else chain)
    if exported:
        console.note(f"Saved to {value!r}.")
        return 0
    if asked.returns.leaf.name == "Changeset":
        return await settle(session, value, cwd, apply=asked.options.auto_apply)
    text = render(value, asked.returns, as_json=asked.options.json)
    if asked.options.output:
        _save(cwd / asked.options.output, text)
    console.result(text)
    return 0


def _end(asked: Plan, cwd: Path) -> tuple[tuple[Call, ...], str, bool]:
    """Return the chain, what to select of the object it ends in, and whether it ends in an export."""
    target = asked.target
    if target is None:
        return asked.calls, "", False
    if asked.options.output and has_argument(target.function("export"), "path"):
        given = {"path": Input("String!", str(cwd / Path(asked.options.output).expanduser()))}
        if has_argument(target.function("export"), "allowParentDirPath"):
            given["allowParentDirPath"] = Input("Boolean", True)
        return (*asked.calls, Call("export", given)), "", True
    sync = target.function("sync")
    return asked.calls, "id: sync" if sync and not sync.arguments else "id", False


def _check_paths(wanted: Sequence[Load]) -> None:
    for each in wanted:
        path = Path(each.path)
        if each.path and not path.exists():
            raise UsageError(f"--{each.flag}: {each.path} does not exist", "call")
        if each.path and path.is_dir() != each.directory:
            kind = "a directory" if each.directory else "a file"
            raise UsageError(f"--{each.flag}: {each.path} is not {kind}", "call")


def _save(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    console.note(f"Saved output to {str(path)!r}.")
