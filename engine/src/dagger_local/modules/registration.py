"""Learn a module's types: its own SDK describes them, once for each state of its source."""

import asyncio
import json
import secrets
from collections.abc import Callable

from dagger_local.api.client import Client
from dagger_local.api.objects.module import FunctionCall, Module
from dagger_local.api.objects.typedef import TypeDef
from dagger_local.engine import Engine
from dagger_local.errors import EngineError
from dagger_local.modules.process import Process
from dagger_local.modules.served import Admit
from dagger_local.modules.source import ModuleSource
from dagger_local.modules.types import is_workspace, named_for_api
from dagger_local.progress import step


async def register(engine: Engine, source: ModuleSource, process: Process, admit: Admit) -> Module:
    """Let the module's SDK describe its types, and return them under their names in the API."""
    with step(f"load module {source.name}") as this:
        process.heard = this.log
        token = secrets.token_hex(16)
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        async with engine.store.draft() as draft:
            client = Client(f"register-{secrets.token_hex(4)}", draft.fs, {}, FunctionCall(engine, answer=answer))
            admit(token, client)
            told = draft.directory / "module.json"
            status = await process.call(client.id, engine.port, token, draft.fs, register=str(told))
            if answer.done():
                answer.result()  # raises what the module returned as its error
            if status or not told.exists():
                raise EngineError(f"module {source.name} did not describe its types; its output is above")
            identity = json.loads(told.read_text())
        definition = await engine.evaluator.evaluate(engine.evaluator.find(identity))
        named = named_for_api(definition, source.name, source.alias)
        refuse_reserved(named)
        return named


def refuse_reserved(module: Module) -> None:
    """Refuse what no module's object may have: an `id`, as every object has one, and a field that holds a Workspace.

    Raises EngineError, in Dagger's words.
    """
    for shape in filter(None, (each.as_object for each in module.objects)):
        for kind, members in (("field", shape.fields), ("function", shape.functions)):
            if any(member.name == "id" for member in members):
                raise EngineError(f'cannot define {kind} with reserved name "id" on object "{shape.name}"')
        for field in shape.fields:
            if is_workspace(field.type_def):
                raise EngineError(
                    f'object "{shape.original}" field "{field.name}": Workspace cannot be stored as a field on a '
                    "module object; declare it as a function argument instead"
                )


def refuse_external(module: Module, module_of: Callable[[str], str]) -> None:
    """Refuse types of other modules in what a module offers, as Dagger does. Raises EngineError.

    `module_of` returns the module that has a type of that name; empty when it is none that this one depends on.
    """
    for shape in filter(None, (each.as_object for each in module.objects)):
        for field in shape.fields:
            if other := module_of(_leaf(field.type_def).name()):
                said = f"field {_quoted(field.name)} cannot reference"
                raise EngineError(_external(shape.original, said, other))
        for function in filter(None, (*shape.functions, shape.constructor)):
            name = _quoted(function.name)
            if other := module_of(_leaf(function.return_type).name()):
                raise EngineError(_external(shape.original, f"function {name} cannot return", other))
            for arg in function.args:
                if other := module_of(_leaf(arg.type_def).name()):
                    said = f"function {name} arg {_quoted(arg.name)} cannot reference"
                    raise EngineError(_external(shape.original, said, other))


def _external(shape: str, said: str, other: str) -> str:
    return f"object {_quoted(shape)} {said} external type from dependency module {_quoted(other)}"


def _quoted(name: str) -> str:
    return json.dumps(name)


def _leaf(kind: TypeDef) -> TypeDef:
    return _leaf(kind.as_list.element_type_def) if kind.as_list else kind
