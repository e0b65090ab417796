"""`dagger-local query`: send a GraphQL document, and print what it answers as JSON."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphql import GraphQLError, parse, print_ast, separate_operations

from dagger_local.cli import console
from dagger_local.cli.engine import Engine
from dagger_local.cli.flags import UsageError
from dagger_local.cli.loaded import load
from dagger_local.cli.names import suggestion
from dagger_local.errors import EngineError


async def query(session: Engine, operation: str, own: Mapping[str, str], mod: str, cwd: Path, *, module: bool) -> int:
    """Answer the document of `--doc`, or of standard input; a module's functions are fields of the root."""
    if module:
        await load(session, mod, cwd, entrypoint=True)
    text = _document(own.get("doc", ""), cwd)
    answer = await session.query(_chosen(text, operation) if operation else text, _variables(own))
    console.result(json.dumps(answer, indent=4, ensure_ascii=False, sort_keys=True) + "\n")
    return 0


def _document(file: str, cwd: Path) -> str:
    if file:
        return (cwd / Path(file).expanduser()).read_text(encoding="utf-8")
    if sys.stdin.isatty():
        raise UsageError("query reads a document from standard input, or from a file: --doc FILE", "query")
    return sys.stdin.read()


def _chosen(text: str, operation: str) -> str:
    """Return of a document one operation and what it needs."""
    try:
        operations = separate_operations(parse(text))
    except GraphQLError as error:
        raise EngineError(error.message) from None
    if operation not in operations:
        raise UsageError(f"unknown operation {operation!r}{suggestion(operation, operations)}", "query")
    return print_ast(operations[operation])


def _variables(own: Mapping[str, str]) -> dict[str, Any]:
    if given := own.get("var-json"):
        try:
            read = json.loads(given)
        except ValueError as error:
            raise UsageError(f"--var-json is no JSON: {error}", "query") from None
        if not isinstance(read, dict):
            raise UsageError("--var-json must be a JSON object", "query")
        return read
    pairs = [each.partition("=") for each in own.get("var", "").split("\n") if each]
    if missing := next((name for name, equals, _ in pairs if not equals), None):
        raise UsageError(f"--var {missing}: write NAME=VALUE", "query")
    return {name: value for name, _, value in pairs}
