"""What a part of the emulated GitHub gets and gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its body is what the JSON said, None if there was none."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    names: Mapping[str, str] = field(default_factory=dict)  # the path's segments, by what its route calls them

    @property
    def repository(self) -> str:
        """The repository that a path with `{owner}` and `{repo}` is about."""
        return f"{self.names['owner']}/{self.names['repo']}"

    def named(self, names: Mapping[str, str]) -> "Request":
        """Return it with the names of its path's segments."""
        return replace(self, names=names)


Route = Callable[[Request], tuple[int, Any]]  # a status and a body
