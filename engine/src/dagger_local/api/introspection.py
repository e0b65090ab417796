"""Answers to introspection, kept between runs.

Every client asks for the whole schema when it connects, and the command line for all types of its module.
"""

from functools import cached_property

from dagger_local import __version__
from dagger_local.api.schema import core_text
from dagger_local.store.snapshots import SnapshotStore, key_of

TYPE_DEFS = "query TypeDefs "
"""How the command line's own question begins, whose answer says no more than a module's source does."""


class Introspections:
    """The answers for one schema: the core's, with what `more` stands for: a module's part."""

    def __init__(self, store: SnapshotStore, more: str = "") -> None:
        self._store = store
        self._more = more

    @cached_property
    def _schema(self) -> str:
        return key_of(__version__, core_text(), self._more)

    def find(self, query: str) -> bytes | None:
        """Return the answer to an introspection query that was asked before."""
        return self._store.recall(self._name(query)) if _is_introspection(query) else None

    def keep(self, query: str, answer: bytes) -> None:
        """Keep the answer if the query is an introspection."""
        if _is_introspection(query):
            self._store.remember(self._name(query), answer)

    def _name(self, query: str) -> str:
        return f"introspection-{key_of(self._schema, query)}"


def _is_introspection(query: str) -> bool:
    return query.startswith(("query IntrospectionQuery", TYPE_DEFS))
