"""What all object types share."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagger_local.engine import Engine


@dataclass(frozen=True, slots=True)
class Object:
    """An object of the API. Fields of its GraphQL type are its methods (called) or attributes (read)."""

    engine: "Engine" = field(repr=False, compare=False)

    def sync(self) -> Awaitable[None] | None:
        """Do nothing: that the object is there means that it could be made."""


def fresh(method: Any) -> Any:
    """Mark a method whose every call counts: it is called at once, and its result never shared."""
    method.lasting = False
    return method
