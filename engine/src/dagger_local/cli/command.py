"""A command, and a line that asks for it."""

from collections.abc import Callable
from dataclasses import dataclass

from dagger_local.cli.flags import Flag
from dagger_local.cli.options import Options


@dataclass(frozen=True, slots=True)
class Line:
    """A command's line: its own flags by name, the other words, the options, and all of it unread."""

    own: dict[str, str]
    words: tuple[str, ...]
    options: Options
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command; `interspersed` is whether flags may stand between its words.

    What `reads_itself` gets its line unread: which flags there are, its functions say.
    """

    name: str
    usage: str
    about: str
    do: Callable[[Line], int]
    flags: tuple[Flag, ...] = ()
    interspersed: bool = True
    module: bool = True
    hidden: bool = False
    reads_itself: bool = False
