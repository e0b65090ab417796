"""Flags as pflag reads them: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-yj`, and `--` to end them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dagger_local.cli.names import kebab, suggestion
from dagger_local.errors import EngineError

Arity = Literal["switch", "value"]

_TRUE = {"1", "t", "true"}
_FALSE = {"0", "f", "false"}


class UsageError(EngineError):
    """The command line is wrong; `command` is the one whose `--help` tells more."""

    def __init__(self, message: str, command: str = "") -> None:
        super().__init__(message)
        self.command = command


class UnknownFlag(UsageError):
    """A flag that is none of those that may stand where it does; `flag` is its name."""

    def __init__(self, flag: str, near: str) -> None:
        super().__init__(f"unknown flag: --{flag}{near}")
        self.flag = flag


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag; a switch needs no value (`--push`) but takes one (`--push=false`)."""

    name: str
    arity: Arity = "value"
    short: str = ""
    type: str = "string"
    help: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """The flags in front of the first other word, in order, and what follows them."""

    given: tuple[tuple[Flag, str], ...]
    rest: tuple[str, ...]


def scan(words: Sequence[str], flags: Iterable[Flag]) -> Scan:
    """Read flags up to the first word that is none; a `--` is dropped. Raises UsageError."""
    known = tuple(flags)
    given: list[tuple[Flag, str]] = []
    left = list(words)
    while left and left[0].startswith("-") and left[0] != "-":
        word = left.pop(0)
        if word == "--":
            break
        given += _long(word, left, known) if word.startswith("--") else _short(word, left, known)
    return Scan(tuple(given), tuple(left))


def as_boolean(flag: Flag, text: str) -> bool:
    """Return the value of a switch. Raises UsageError when it is neither true nor false."""
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise UsageError(f"--{flag.name}: {text!r} is not a boolean; write --{flag.name} or --{flag.name}=false")


def _long(word: str, left: list[str], known: Sequence[Flag]) -> list[tuple[Flag, str]]:
    typed, equals, value = word[2:].partition("=")
    flag = next((each for each in known if each.name in (typed, kebab(typed))), None)
    if flag is None:
        near = suggestion(f"--{typed}", [f"--{each.name}" for each in known])
        raise UnknownFlag(typed, near)
    if equals:
        return [(flag, value)]
    return [(flag, "true" if flag.arity == "switch" else _next(f"--{flag.name}", left))]


def _short(word: str, left: list[str], known: Sequence[Flag]) -> list[tuple[Flag, str]]:
    given: list[tuple[Flag, str]] = []
    letters = word[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        flag = next((each for each in known if each.short == letter), None)
        if flag is None:
            raise UsageError(f"unknown shorthand flag: -{letter} in {word}")
        if letters.startswith("="):
            return [*given, (flag, letters[1:])]
        if flag.arity == "value":
            return [*given, (flag, letters or _next(f"-{letter}", left))]
        given.append((flag, "true"))
    return given


def _next(flag: str, left: list[str]) -> str:
    if not left:
        raise UsageError(f"flag needs an argument: {flag}")
    return left.pop(0)
