"""The forms that values of pipeline.yaml have: the reader checks by them, the JSON Schema is written from them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from pipeline.errors import shown

_ANY = re.compile(r"[^\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a pattern matches as a whole, in the syntax that Python's and ECMA's expressions share.

    `complaint` follows a value that does not match; `quote` shows that value, without what may be a secret.
    """

    pattern: re.Pattern[str] = _ANY
    complaint: str = "must be one line"
    quote: Callable[[str], str] = shown


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few texts."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """true or false; what holds where it is not given."""

    default: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between two, both included."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts, none of them twice."""

    item: Text
    most: int = 100


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of texts to texts."""

    name: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping with keys of its own; given `either`, it has all keys of one of those groups and no other."""

    keys: "tuple[AnyKey, ...]"
    either: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sections:
    """A list of mappings, at least one; some keys are not for the first, others not for the rest."""

    section: Section
    not_first: frozenset[str] = frozenset()
    not_rest: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mixed:
    """A list of some of a few texts, and of mappings."""

    choice: Choice
    section: Section


Form: TypeAlias = Text | Choice | Switch | Number | Texts | Table | Section | Sections | Mixed
F_co = TypeVar("F_co", bound=Form, covariant=True)


@dataclass(frozen=True, slots=True)
class Key(Generic[F_co]):
    """A key: its name, the form of its value, and what it means, in a sentence for editors and the reference."""

    name: str
    form: F_co
    meaning: str
    required: bool = False


AnyKey: TypeAlias = Key[Form]
