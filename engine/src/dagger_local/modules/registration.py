"""Learn a module's types: its own SDK describes them, once for each state of its source."""

import asyncio
import json
import secrets

from dagger_local.api.client import Client
from dagger_local.api.objects.module import FunctionCall, Module
from dagger_local.engine import Engine
from dagger_local.errors import EngineError
from dagger_local.modules.process import ModuleProcess
from dagger_local.modules.served import Admit
from dagger_local.modules.source import ModuleSource
from dagger_local.modules.types import named_for_api
from dagger_local.progress import step


async def register(engine: Engine, source: ModuleSource, process: ModuleProcess, admit: Admit) -> Module:
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
        named = named_for_api(definition, source.name)
        refuse_reserved(named)
        return named


def refuse_reserved(module: Module) -> None:
    """Refuse an `id` of a module's own: every object of the API has one. Raises EngineError, as Dagger does."""
    for shape in filter(None, (each.as_object for each in module.objects)):
        for kind, members in (("field", shape.fields), ("function", shape.functions)):
            if any(member.name == "id" for member in members):
                raise EngineError(f'cannot define {kind} with reserved name "id" on object "{shape.name}"')
