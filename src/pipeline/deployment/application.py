"""What Argo CD's API says of an application, as far as it matters here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_LONGEST = 500  # characters of a message: a whole manifest can be in one
_FINE = {"", "Healthy"}


@dataclass(frozen=True, slots=True)
class Application:
    """An application; what the API does not say is empty.

    `revisions` are the commits that it was compared with, one a source. `phase` is that of the last sync, whose commits
    are `synced`; `settled` says that it was compared again since. `messages` are its own and its resources'.
    """

    sync: str = ""
    health: str = ""
    revisions: tuple[str, ...] = ()
    phase: str = ""
    synced: tuple[str, ...] = ()
    settled: bool = True
    messages: tuple[str, ...] = field(default=(), compare=False)


def application(document: Any) -> Application:
    """Read an application of the API; whatever has another form than it should is taken for empty."""
    status, operation = _at(document, "status"), _at(document, "status", "operationState")
    return Application(
        sync=_text(status, "sync", "status"),
        health=_text(status, "health", "status"),
        revisions=_revisions(_at(status, "sync")),
        phase=_text(operation, "phase"),
        synced=_revisions(_at(operation, "syncResult")),
        # Both are RFC 3339 in UTC and whole seconds, so that their order is that of the texts.
        settled=_text(status, "reconciledAt") >= _text(operation, "finishedAt"),
        messages=tuple(dict.fromkeys(_messages(status, operation))),
    )


def name_of(document: Any) -> str:
    """Return the name of an application of the API."""
    return _text(document, "metadata", "name")


def tree_messages(document: Any) -> list[str]:
    """Read the messages of a resource tree: those of what is not healthy, pods included."""
    return list(dict.fromkeys(_unhealthy(_items(document, "nodes"))))


def _messages(status: Any, operation: Any) -> Iterator[str]:
    for condition in _items(status, "conditions"):
        if (kind := _text(condition, "type")).endswith("Error"):
            yield _line(kind, _text(condition, "message"))
    if _text(operation, "phase") != "Succeeded" and (message := _text(operation, "message")):
        yield _line("sync", message)
    for resource in _items(operation, "syncResult", "resources"):
        failed = _text(resource, "status") == "SyncFailed" or _text(resource, "hookPhase") in {"Failed", "Error"}
        if failed:
            yield _line(_name(resource), _text(resource, "message"))
    yield from _unhealthy(_items(status, "resources"))


def _unhealthy(resources: list[Any]) -> Iterator[str]:
    for resource in resources:
        health, message = _text(resource, "health", "status"), _text(resource, "health", "message")
        if health not in _FINE and (message or health != "Progressing"):
            yield _line(_name(resource), f"{health}: {message}" if message else health)


def _name(resource: Any) -> str:
    return f"{_text(resource, 'kind')}/{_text(resource, 'name')}"


def _line(what: str, message: str) -> str:
    """Write a message as one printable line of bounded length."""
    text = " ".join("".join(char if char.isprintable() else " " for char in f"{what}: {message}").split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _revisions(document: Any) -> tuple[str, ...]:
    several = [one for one in _items(document, "revisions") if isinstance(one, str)]
    return tuple(filter(None, several or [_text(document, "revision")]))


def _at(document: Any, *path: str) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _text(document: Any, *path: str) -> str:
    found = _at(document, *path)
    return found if isinstance(found, str) else ""


def _items(document: Any, *path: str) -> list[Any]:
    found = _at(document, *path)
    return found if isinstance(found, list) else []
