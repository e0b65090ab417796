"""Who asks: the session's own user, a running function of a module, or a command that was given the session."""

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
    module: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Which module that is: its `definition`, and its `source`, the folder that it is in."""
    spans: Any = None
    """What such a function says that it does, as steps of which its requests are parts."""
    nested: bool = False
    """Whether this is a command in a container: the session's machine, its files and its variables, are not its own."""

    @property
    def is_module(self) -> bool:
        return self.call is not None
