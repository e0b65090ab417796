"""Evaluate recipes: each one once a session, whoever asks and however often."""

import asyncio
import inspect
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.names import snake
from dagger_local.api.recipe import Recipe
from dagger_local.errors import EngineError, UnsupportedError

Method = Callable[..., Any]


class Evaluator:
    """Turns recipes into objects.

    `class_of` knows the class of each GraphQL type, `field_of` what answers a field that its class leaves out; a
    module's functions are added to `functions`.
    """

    def __init__(self, class_of: Callable[[str], type | None], field_of: Callable[[str, str], Method | None]) -> None:
        self.functions: dict[tuple[str, str], Method] = {}
        self._class_of = class_of
        self._field_of = field_of
        self.clients: dict[str, Client] = {}
        self.root: Any = None
        self._recipes: dict[str, Recipe] = {}
        self._made: dict[str, asyncio.Task[Any]] = {}

    def remember(self, recipe: Recipe) -> Recipe:
        """Make the recipe findable by its id."""
        return self._recipes.setdefault(recipe.id, recipe)

    def find(self, identity: str) -> Recipe:
        """Return the recipe of an id; raises EngineError when this session never gave it out."""
        try:
            return self._recipes[identity]
        except KeyError:
            raise EngineError(f"no object has the id {identity[:80]!r} in this session") from None

    async def evaluate(self, recipe: Recipe) -> Any:
        """Return the object that the recipe makes. A failure is not remembered."""
        return await asyncio.shield(self.begin(recipe))

    def begin(self, recipe: Recipe) -> "asyncio.Task[Any]":
        """Begin to make the object, if nobody has: a failure is told to whoever asks for it."""
        task = self._made.get(recipe.id)
        if task is None:
            task = self._made[recipe.id] = asyncio.create_task(self._evaluate(recipe))
            task.add_done_callback(lambda done: self._forget_failure(recipe.id, done))
        return task

    def _forget_failure(self, identity: str, task: "asyncio.Task[Any]") -> None:
        if task.cancelled() or task.exception():
            self._made.pop(identity, None)

    async def _evaluate(self, recipe: Recipe) -> Any:
        if recipe.parent is None:
            return self.root
        if recipe.index is not None:
            return (await self.evaluate(recipe.parent))[recipe.index]
        return await self.call(recipe.parent, recipe.field, recipe.args, recipe)

    async def call(self, parent: Recipe, field: str, args: Mapping[str, Any], recipe: Recipe) -> Any:
        """Call `field` on the object that `parent` makes. `recipe` says who asks and what for."""
        method = self.method(parent.type, field)
        this = await self.evaluate(parent)
        if getattr(method, "raw", False):
            return await method(this, args, recipe)
        given = {snake(name): await self._argument(value) for name, value in args.items()}
        wanted = inspect.signature(method).parameters if callable(method) else {}
        if "client" in wanted:
            client = given["client"] = self.clients[recipe.client]
            if client.nested:
                raise UnsupportedError(
                    f"{parent.type}.{field}, which is about the client's own machine, from a container"
                )
        if "environ" in wanted:
            asking = self.clients[recipe.client]
            given["environ"] = {} if asking.nested or asking.is_module else asking.env
        if "recipe" in wanted:
            given["recipe"] = recipe
        if not callable(method):
            return getattr(this, snake(field))
        result = method(this, **given)
        return await result if inspect.isawaitable(result) else result

    async def _argument(self, value: Any) -> Any:
        match value:
            case Recipe():
                return await self.evaluate(value)
            case list():
                return [await self._argument(item) for item in value]
            case _:
                return value

    def method(self, type_name: str, field: str) -> Any:
        """Return what answers a field: a function, or a descriptor for a plain attribute.

        Raises UnsupportedError for what this engine lacks.
        """
        function = self.functions.get((type_name, field)) or self._field_of(type_name, field)
        if function:
            return function
        cls = self._class_of(type_name)
        found = getattr(cls, snake(field), None) if cls else None
        if found is None:
            raise UnsupportedError(f"{type_name}.{field}")
        return found

    def depends_on_client(self, type_name: str, field: str) -> bool:
        """Whether the answer of a field depends on who asks."""
        method = self.method(type_name, field)
        if not callable(method) or getattr(method, "raw", False):
            return False
        wanted = inspect.signature(method).parameters
        return "client" in wanted or "environ" in wanted

    @staticmethod
    def nonce() -> str:
        """Return what makes a recipe like no other."""
        return uuid.uuid4().hex

    async def close(self) -> None:
        """Cancel what still runs and wait until it has cleaned up."""
        tasks = [task for task in self._made.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
