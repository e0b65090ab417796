"""Execute GraphQL requests against recipes."""

import json
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    VariableDefinitionNode,
    Visitor,
    execute,
    parse,
    visit,
)

from dagger_local.api.prepared import Prepared
from dagger_local.api.resolver import Context
from dagger_local.disk import named
from dagger_local.errors import EngineError, ExecError


class _PlainIds(Visitor):
    """Takes a variable of type DirectoryID, FileID and so on as one of type ID, which they all are here."""

    def enter_named_type(
        self, node: NamedTypeNode, _key: object, _parent: object, _path: object, ancestors: Sequence[object]
    ) -> NamedTypeNode | None:
        within = any(isinstance(each, VariableDefinitionNode) for each in ancestors)
        return NamedTypeNode(name=NameNode(value="ID")) if within and node.name.value.endswith("ID") else None


async def run(
    prepared: Prepared, context: Context, text: str, variables: Mapping[str, Any] | None, operation: str | None = None
) -> ExecutionResult:
    """Execute one request, or the `operation` of that name in it; all errors are in the result."""
    try:
        document = parse(text)
    except GraphQLError as error:
        said = error.message.removeprefix("Syntax Error: ").rstrip(".") if text.strip() else "no operation provided"
        return ExecutionResult(None, [GraphQLError(said, source=error.source, positions=error.positions)])
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode) and each.operation is not OperationType.QUERY:
            message = f'Schema does not support operation type "{each.operation.value}"'
            return ExecutionResult(None, [GraphQLError(message, each)])
    document = visit(document, _PlainIds())
    if errors := prepared.faults(text, document):
        return ExecutionResult(None, errors)
    result = execute(
        prepared.schema,
        document,
        variable_values=dict(variables or {}),
        operation_name=operation or None,
        context_value=context,
    )
    return result if isinstance(result, ExecutionResult) else await result


def response(result: ExecutionResult) -> bytes:
    """Write a result as the protocol has it: JSON with data and errors, HTTP 200 for both."""
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [_told(error) for error in result.errors]
    return json.dumps(body).encode()


def cause(error: GraphQLError) -> EngineError:
    """Return an error as the engine's own; a bug is told as one, its traceback on stderr."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if isinstance(original, EngineError):
        return original
    if isinstance(original, OSError) and original.errno:
        return named(original)
    if original is not None:
        traceback.print_exception(original, file=sys.stderr)
        return EngineError(f"the local engine failed: {type(original).__name__}: {original}")
    where = ".".join(map(str, error.path or ()))
    return EngineError(f"{where}: {error.message}" if where else error.message)


def _told(error: GraphQLError) -> dict[str, Any]:
    reason = cause(error)
    told: dict[str, Any] = {**error.formatted, "message": str(reason)}
    if isinstance(reason, ExecError):
        told["extensions"] = {
            "_type": "EXEC_ERROR",
            "cmd": reason.cmd,
            "exitCode": reason.exit_code,
            "stdout": reason.stdout,
            "stderr": reason.stderr,
        }
    return told
