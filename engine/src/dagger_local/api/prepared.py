"""A schema ready to be asked, and which queries it is known to answer: kept between runs, as both take time to make."""

import contextlib
import json
import pickle
import re
import sys
from collections.abc import Collection
from functools import cached_property

import graphql
from graphql import DocumentNode, GraphQLError, GraphQLSchema, specified_rules, validate
from graphql.validation import PossibleFragmentSpreadsRule

from dagger_local import __version__
from dagger_local.api.schema import core_text, make_schema
from dagger_local.store.snapshots import SnapshotStore, key_of

# An object is loaded as `node(id:){... on T}`, whatever other types implement Node.
_RULES = [rule for rule in specified_rules if rule is not PossibleFragmentSpreadsRule]
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class Prepared:
    """The core's schema, with what `more` says in the schema language: a module's part."""

    def __init__(self, store: SnapshotStore, more: str = "") -> None:
        self._store = store
        self._more = more
        self._has_grown = False

    @cached_property
    def _key(self) -> str:
        return key_of(__version__, graphql.__version__, sys.version, core_text(), self._more)

    @cached_property
    def schema(self) -> GraphQLSchema:
        """Made when it is first needed. What is kept is as trusted as compiled bytecode: the store is its owner's."""
        name = f"schema-{self._key}"
        if known := self._store.recall(name):
            with contextlib.suppress(pickle.UnpicklingError, EOFError, AttributeError, ImportError):
                return _schema_in(known)
        made = make_schema(self._more)
        self._store.remember(name, pickle.dumps(made, pickle.HIGHEST_PROTOCOL))
        return made

    @property
    def root_fields(self) -> Collection[str]:
        """The names that a query may begin with."""
        return self.schema.query_type.fields if self.schema.query_type else ()

    def faults(self, text: str, document: DocumentNode) -> list[GraphQLError]:
        """Return what is wrong with a query; nothing is with one that differs from a valid one in its strings alone."""
        shape = key_of(_STRING.sub('""', text))
        if shape in self._valid:
            return []
        found = validate(self.schema, document, _RULES)
        if not found:
            self._valid.add(shape)
            self._has_grown = True
        return found

    @cached_property
    def _valid(self) -> set[str]:
        return set(json.loads(self._store.recall(f"valid-{self._key}") or b"[]"))

    def close(self) -> None:
        """Keep which queries are valid; of two sessions that end at once, one's are kept."""
        if self._has_grown:
            self._store.remember(f"valid-{self._key}", json.dumps(sorted(self._valid)).encode())


def _schema_in(data: bytes) -> GraphQLSchema:
    schema = pickle.loads(data)  # noqa: S301  written by this engine, in a folder that is its user's own
    if not isinstance(schema, GraphQLSchema):
        raise pickle.UnpicklingError
    return schema
