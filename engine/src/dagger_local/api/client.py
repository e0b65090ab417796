"""Who asks: the session's own user, or a running function of a module."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Client:
    """One client of the session. `workdir` is what its relative paths are relative to."""

    id: str
    workdir: Path
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    call: Any = None
    """The FunctionCall this client was started for, if it is a function of a module."""

    @property
    def is_module(self) -> bool:
        return self.call is not None
