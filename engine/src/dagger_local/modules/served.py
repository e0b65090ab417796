"""A served module: its functions as fields of the API, each call a process of the module."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.evaluate import Evaluator, Method
from dagger_local.api.names import camel
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.module import FunctionCall, Module
from dagger_local.api.objects.typedef import Function, FunctionArg, ObjectTypeDef, TypeDef
from dagger_local.api.recipe import Recipe
from dagger_local.engine import Engine
from dagger_local.errors import EngineError
from dagger_local.modules.answers import check_answer
from dagger_local.modules.process import Process
from dagger_local.modules.source import ModuleSource
from dagger_local.modules.spans import Spans
from dagger_local.modules.types import is_workspace, main_object
from dagger_local.progress import step

Admit = Callable[[str, Client], None]
"""Lets a client in by its token; None of the session's other clients is told."""


@dataclass(frozen=True, slots=True)
class ModuleObject(Object):
    """An object of a module: the JSON that its class gave out."""

    state: Mapping[str, Any]


class ServedModule:
    """Binds a module's types to the API."""

    def __init__(
        self,
        engine: Engine,
        source: ModuleSource,
        definition: Module,
        process: Process,
        *,
        admit: Admit,
        dismiss: Callable[[str], None],
        owner: Client,
    ) -> None:
        self.definition = definition
        self._engine = engine
        self._source = source
        self._process = process
        self._admit = admit
        self._dismiss = dismiss
        self._owner = owner
        self._objects = {each.as_object.name: each.as_object for each in definition.objects if each.as_object}

    @property
    def _evaluator(self) -> Evaluator:
        return self._engine.evaluator

    def methods(self) -> dict[tuple[str, str], Method]:
        """Return what answers each field of the module's types, and the module's constructor."""
        found: dict[tuple[str, str], Method] = {}
        for name, shape in self._objects.items():
            for field in shape.fields:
                found[name, camel(field.name)] = self._field(field.name, field.type_def)
            for function in shape.functions:
                found[name, camel(function.name)] = self._function(shape, function)
        main = main_object(self.definition)
        if main:
            constructor = main.constructor or Function(self._engine, "", return_type=self._type_of(main))
            found["Query", camel(self.definition.name)] = self._function(main, constructor)
        return found

    def call_bare(self, parent: Recipe, function: Function, kind: str) -> Callable[[], Awaitable[Any]]:
        """Return what calls a function without arguments on the object that `parent` makes; `kind` is of its result."""

        async def run() -> Any:
            recipe = Recipe(kind, camel(function.name), parent, nonce=Evaluator.nonce())
            return await self._evaluator.call(parent, recipe.field, {}, recipe)

        return run

    def _type_of(self, shape: ObjectTypeDef) -> TypeDef:
        return TypeDef(self._engine, "OBJECT_KIND", as_object=shape)

    def _field(self, name: str, kind: TypeDef | None) -> Method:
        async def read(this: ModuleObject, _args: Mapping[str, Any], _recipe: Recipe) -> Any:
            return await self._value(this.state.get(name), kind)

        read.raw = True  # type: ignore[attr-defined]
        return read

    def _function(self, shape: ObjectTypeDef, function: Function) -> Method:
        async def call(this: Any, args: Mapping[str, Any], _recipe: Recipe) -> Any:
            state = this.state if isinstance(this, ModuleObject) else {}
            given = {arg.name: await self._given(arg, args.get(camel(arg.name))) for arg in function.args}
            given = {name: value for name, value in given.items() if value is not None}
            answer = await self._call(shape.original, function.name, state, given)
            check_answer(self._title(shape, function.name), answer, function.return_type)
            return await self._value(answer, function.return_type)

        call.raw = True  # type: ignore[attr-defined]
        call.of_module = True  # type: ignore[attr-defined]
        call.lasting = function.policy != "Never"  # type: ignore[attr-defined]
        return call

    def _title(self, shape: ObjectTypeDef, name: str) -> str:
        """Name a function as its author knows it: the module, the object where it is another, the function."""
        of = () if shape is main_object(self.definition) else (shape.original,)
        return ".".join(filter(None, (self.definition.name, *of, name)))

    async def _call(self, parent: str, name: str, state: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
        """Run one function in a process of the module and return the JSON it answers with."""
        token = secrets.token_hex(16)
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        call = FunctionCall(self._engine, parent, name, json.dumps(state), given, answer)
        title = f"{self.definition.name}{'.' if name else ''}{name}"
        async with self._engine.store.draft() as draft:
            with step(title, heard=0, call=True) as this:
                spans = Spans(this)
                name = f"call-{token[:8]}-{secrets.token_hex(4)}"
                module = {"definition": self.definition, "source": self._source.root}
                client = Client(name, draft.fs, {}, call, module, spans)
                self._admit(token, client)
                self._process.heard = this.log
                try:
                    about = call.told()
                    ending = self._process.call(client.id, self._engine.port, token, draft.fs, spans.told, about=about)
                    status = await ending
                    if not answer.done():
                        raise EngineError(f"{title} ended with status {status} and no answer")
                    return json.loads(answer.result())
                finally:
                    spans.close()
                    self._dismiss(token)

    async def _given(self, arg: FunctionArg, value: Any) -> Any:
        """Return an argument as the module's SDK takes it: ids of core objects, the state of its own ones."""
        if value is None:
            return await self._default(arg)
        match value:
            case Recipe() if arg.ignore and value.type == "Directory":
                return self._without(value, list(arg.ignore)).id
            case Recipe() if value.type in self._objects and not _leaf(arg.type_def).as_interface:
                return dict((await self._evaluator.evaluate(value)).state)
            case Recipe():
                return value.id
            case list():
                return [await self._given(arg, item) for item in value]
            case _:
                return value

    async def _default(self, arg: FunctionArg) -> Any:
        """Return what the engine gives where the caller gives nothing."""
        if arg.user_default or arg.default_address:
            return await self._given(arg, self._addressed(arg))
        if arg.default_path:
            return self._contextual(arg).id
        if is_workspace(arg.type_def):
            workspace = Recipe("Workspace", "currentWorkspace", Recipe("Query"), client=self._owner.id)
            return self._evaluator.remember(workspace).id
        # A query has the schema's defaults in it; what is called without one, such as a check, has not.
        return json.loads(arg.default_value) if arg.default_value else None

    def _addressed(self, arg: FunctionArg) -> Recipe | list[Recipe]:
        """Return what is at the address that the user gives to an argument, or the module's author: an image."""
        kind = _leaf(arg.type_def).name()
        if not arg.user_default and kind != "Container":
            raise EngineError(f"defaultAddress can only be used with Container type, not {kind}")

        def at(text: str) -> Recipe:
            address = Recipe("Address", "address", Recipe("Query"), {"value": text})
            return self._evaluator.remember(Recipe(kind, camel(kind), address, client=self._owner.id))

        given = arg.user_default or arg.default_address
        return [at(each.strip()) for each in given.split(",")] if arg.type_def.as_list else at(given)

    def _contextual(self, arg: FunctionArg) -> Recipe:
        """Return what lies at an argument's default path: from the repository's root, or from the module's folder."""
        path = arg.default_path
        base = self._source.context if path.startswith("/") else self._source.user or self._source.root
        place = (base / path.lstrip("/")).resolve()
        if not place.is_relative_to(self._source.context):
            raise EngineError(f"the default path {path} of {arg.name} leads out of the repository; keep it inside")
        kind = arg.type_def.name()
        field, args = ("file", {}) if kind == "File" else ("directory", {"exclude": list(arg.ignore)})
        host = Recipe("Host", "host", Recipe("Query"), client=self._owner.id)
        holder = "File" if kind == "File" else "Directory"
        recipe = Recipe(holder, field, host, {"path": str(place), **args}, client=self._owner.id)
        self._evaluator.begin(recipe)  # it is read while the module's process starts
        if kind in ("GitRepository", "GitRef"):
            recipe = Recipe("GitRepository", "asGit", recipe)
        if kind == "GitRef":
            recipe = Recipe("GitRef", "head", recipe)
        return self._evaluator.remember(recipe)

    def _without(self, directory: Recipe, ignored: list[str]) -> Recipe:
        """Leave out what the argument ignores; of a folder of the host, before it is taken in."""
        of_host = directory.field == "directory" and directory.parent is not None and directory.parent.type == "Host"
        if of_host and not directory.args.get("exclude"):
            args = {**directory.args, "exclude": ignored}
            return self._evaluator.remember(
                Recipe("Directory", "directory", directory.parent, args, client=directory.client)
            )
        return self._evaluator.remember(Recipe("Directory", "filter", directory, {"exclude": ignored}))

    async def _value(self, value: Any, kind: TypeDef | None) -> Any:
        """Turn a function's JSON into what the API gives out; objects in a list stay recipes."""
        if value is None or kind is None or kind.kind == "VOID_KIND":
            return None
        if kind.as_list:
            inner = kind.as_list.element_type_def
            if self._goes_by_id(inner):
                return [self._evaluator.find(item) for item in value]
            return [await self._value(item, inner) for item in value]
        if self._goes_by_id(kind):
            found = self._evaluator.find(value)
            return found if kind.as_interface else await self._evaluator.evaluate(found)
        return ModuleObject(self._engine, value) if kind.as_object else value

    def _goes_by_id(self, kind: TypeDef) -> bool:
        """Whether a module gives such values by id: objects that are not its own, and whatever has an interface."""
        return bool(kind.as_interface or (kind.as_object and kind.as_object.name not in self._objects))


def _leaf(kind: TypeDef) -> TypeDef:
    return _leaf(kind.as_list.element_type_def) if kind.as_list else kind
