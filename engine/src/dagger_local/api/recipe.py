"""Recipes: how an object is made, not yet made. A recipe's id is the digest of all it says."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


class Hidden(str):  # noqa: SLOT000 - a str subclass can have a variable, not a slot
    """A text that must not be told: in an id it is represented by `mark`, a keyed digest."""

    mark: str

    def __new__(cls, text: str, mark: str) -> Self:
        this = super().__new__(cls, text)
        this.mark = mark
        return this

    def __repr__(self) -> str:
        return "Hidden(…)"


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """An object of GraphQL type `type`: `field` of `parent`, called with `args`.

    `index` picks an element when the field is a list. `client` is set where the answer depends on who asks,
    `nonce` where the same question must be answered anew.
    """

    type: str
    field: str = ""
    parent: "Recipe | None" = None
    args: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    index: int | None = None
    client: str = ""
    nonce: str = ""
    id: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        parent = self.parent.id if self.parent else ""
        said = [self.type, self.field, parent, _plain(dict(self.args)), self.index, self.client, self.nonce]
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:40]
        object.__setattr__(self, "id", f"{self.type}@sha256:{digest}")


def _plain(value: Any) -> Any:
    match value:
        case Recipe():
            return {"id": value.id}
        case Hidden():
            return {"hidden": value.mark}
        case Mapping():
            return {name: _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
