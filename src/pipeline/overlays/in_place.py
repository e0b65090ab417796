"""Write an `images:` entry into an overlay's text in place: its own lines change, and nothing else of the file."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from .kustomization import InvalidOverlay
from .nodes import LOADER, Node, root

_HEAVY = 100_000  # values of a file with its aliases written out; people write some hundreds
_BOM = "\ufeff"
_KEYS = ("name", "newName", "newTag", "digest")  # in the order in which people write them
_PROPERTIES = re.compile(r"(?:[&!]\S*\s*)*")  # a node's anchor and tag
# What no version of YAML takes for a number, a truth value, a time or null: a version, a digest, a repository.
_PLAIN = re.compile(r"v[0-9][\w.-]*|sha256:[0-9a-f]+|[A-Za-z0-9][\w.:-]*/[\w./-]*\w", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Change:
    """What comes in place of a piece of the text."""

    start: int
    end: int
    text: str


def written(text: str, entry: Mapping[str, str], path: str) -> str:
    """Return an overlay's text with one entry under `images:` as it is to be, in the layout that is there.

    Comments, order, quotes, indentation, line ends and anchors stay. Where an old value has an anchor that something
    else uses, the first that does takes the anchor with the old value over.

    Args:
        text: the file's content, which has exactly one entry of that name.
        entry: all that the entry is to hold; its `name` says which one it is.
        path: where the file is, for messages.

    Raises:
        InvalidOverlay: the result would not load as the same document with that entry, or the document is too large.
    """
    mark = _BOM if text.startswith(_BOM) else ""
    after = body = text.removeprefix(mark)
    tree, document = root(body), _loaded(body)
    if tree.weight() > _HEAVY:
        msg = f"{path} has aliases of aliases that come to over {_HEAVY} values: write them out"
        raise InvalidOverlay(msg)
    images = document["images"]
    index = next(number for number, there in enumerate(images) if there.get("name") == entry["name"])
    changes = sorted(_changes(body, tree, index, images[index], entry), key=lambda change: (change.start, change.end))
    for change in reversed(changes):
        after = after[: change.start] + change.text + after[change.end :]
    images[index] = dict(entry)
    if _loaded(after) != document:
        msg = f"{path} has an entry for {entry['name']} that cannot be edited without changing more than the entry: "
        raise InvalidOverlay(msg + "write its name, newName, newTag and digest out, each on a line of its own")
    return mark + after


def _loaded(text: str) -> Any:
    try:
        return yaml.load(text, Loader=LOADER)  # noqa: S506  it is a safe loader
    except yaml.YAMLError:
        return None


def _changes(
    text: str, document: Node, index: int, old: Mapping[str, Any], entry: Mapping[str, str]
) -> Iterable[_Change]:
    """Return what changes."""
    written_out = [value for key, value in document.pairs if key.value == "images"]
    if not written_out or written_out[-1].alias:  # it comes from elsewhere, as a whole
        return
    node = written_out[-1].children[index]  # of two keys of a name, YAML's loaders take the last
    if node.alias:
        yield _Change(node.start, node.end, json.dumps(entry, ensure_ascii=False))
        return
    for place, (key, value) in enumerate(node.pairs):
        if key.value in old and key.value not in entry:
            yield _removed(text, node, place)
        elif key.value in old and old[key.value] != entry[key.value]:
            yield from _replaced(text, document, value, entry[key.value])
    for place, keys in _lacking(node, old, entry).items():
        yield _added(text, node, place, {key: entry[key] for key in keys})


def _lacking(node: Node, old: Mapping[str, Any], entry: Mapping[str, str]) -> dict[int, list[str]]:
    """Return which keys are to be added, by the number of the key that they come after."""
    there = [key.value for key, _ in node.pairs]
    result: dict[int, list[str]] = {}
    place = len(there) - 1
    for key in _KEYS:
        if key in there:
            place = there.index(key)
        elif key in entry and old.get(key) != entry[key]:
            result.setdefault(place, []).append(key)
    return result


def _replaced(text: str, document: Node, value: Node, wanted: str) -> Iterable[_Change]:
    """Return the change of a value, and that of what takes its anchor over."""
    end = _end(text, value)
    heir = None if value.alias else _heir(document, value)
    if heir:
        yield _Change(heir.start, heir.end, text[value.start : end])
    bare = heir or value.alias
    start = value.start if bare else min(_PROPERTIES.match(text, value.start).end(), end)  # type: ignore[union-attr]
    space = " " if start == end and not text[start - 1].isspace() else ""
    yield _Change(start, end, space + _scalar(wanted, value.style))


def _heir(document: Node, value: Node) -> Node | None:
    """Return the first alias that stands for a value."""
    same = (node for node in document.walk() if node.anchor and node.anchor == value.anchor)
    after = next((node for node in same if node.start > value.start), None)
    return after if after and after.alias else None


def _end(text: str, value: Node) -> int:
    """Return where a value's text ends: a block scalar's node goes on up to the next one."""
    return value.start + len(text[value.start : value.end].rstrip())


def _scalar(value: str, style: str) -> str:
    """Write a value in quotes, or without if it had none and needs none."""
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    return value if style != '"' and _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _added(text: str, node: Node, place: int, values: Mapping[str, str]) -> _Change:
    """Return the change that adds keys after another: on lines of their own, or within the braces."""
    key, value = node.pairs[place]
    end = _end(text, value)
    quote = key.style if key.style in {"'", '"'} else ""
    pairs = [f"{quote}{name}{quote}: {_scalar(wanted, quote)}" for name, wanted in values.items()]
    if _is_flow(text, node):
        return _Change(end, end, "".join(f", {pair}" for pair in pairs))
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    crlf = text[stop - 1] == "\r" if stop < len(text) else "\r\n" in text
    start = stop - 1 if crlf and stop < len(text) else stop
    line = ("\r\n" if crlf else "\n") + " " * (key.start - _line(text, key.start))
    return _Change(start, start, "".join(line + pair for pair in pairs))


def _removed(text: str, node: Node, place: int) -> _Change:
    """Return the change that takes a key away: its line, or what of a line it has."""
    pairs = node.pairs
    key, value = pairs[place]
    end = _end(text, value)
    if not _is_flow(text, node) and not text[_line(text, key.start) : key.start].strip():
        stop = text.find("\n", end) + 1
        return _Change(_line(text, key.start), stop or len(text), "")
    if place + 1 < len(pairs):
        return _Change(key.start, pairs[place + 1][0].start, "")
    return _Change(_end(text, pairs[place - 1][1]), end, "")


def _is_flow(text: str, node: Node) -> bool:
    return text.startswith("{", _PROPERTIES.match(text, node.start).end())  # type: ignore[union-attr]


def _line(text: str, place: int) -> int:
    """Return where the line of a place begins."""
    return text.rfind("\n", 0, place) + 1
