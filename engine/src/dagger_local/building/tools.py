"""What a build works with."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagger_local.dockerfile.instructions import Instruction
from dagger_local.dockerfile.stages import Given
from dagger_local.execution.executor import Executor
from dagger_local.images.model import Image
from dagger_local.store.snapshots import SnapshotStore
from dagger_local.store.tree import Tree

Pull = Callable[[str, str], Coroutine[Any, Any, Image]]
"""Returns the image of a reference, for a platform."""

Expand = Callable[[str], str]
"""Fills in the variables of a word; raises ValueError."""

Trees = Callable[[str, Instruction], Awaitable[Tree]]
"""Returns the files of the stage or image of this name, for an instruction."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The engine's own parts."""

    store: SnapshotStore
    executor: Executor
    pull: Pull


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be built: `context` holds what no ignore file leaves out.

    Secrets go by their names, by which the Dockerfile asks for them, and are read when it does.
    """

    file: str
    text: str
    context: Tree
    given: Given
    secrets: Mapping[str, Callable[[], bytes]] = field(default_factory=dict, repr=False)
    ssh: Path | None = None
    no_init: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What one instruction is carried out with."""

    tools: Tools
    request: Request
    expand: Expand
    trees: Trees
