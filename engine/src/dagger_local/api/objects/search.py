"""Search text in files, by ripgrep's options as far as Python's expressions give them."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dagger_local.api.objects.base import Object
from dagger_local.errors import EngineError
from dagger_local.store.patterns import Filter
from dagger_local.store.tree import Entry


@dataclass(frozen=True, slots=True)
class SearchSubmatch(Object):
    """One match in a line: offsets in bytes from the start of the matched lines."""

    text: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult(Object):
    """One line with matches; `line_number` counts from 1, `absolute_offset` in bytes."""

    file_path: str = ""
    line_number: int = 0
    absolute_offset: int = 0
    matched_lines: str = ""
    submatches: tuple[SearchSubmatch, ...] = ()


async def search(
    engine: Any,
    entries: Iterable[Entry],
    *,
    pattern: str,
    literal: bool = False,
    multiline: bool = False,
    dotall: bool = False,
    insensitive: bool = False,
    skip_hidden: bool = False,
    files_only: bool = False,
    limit: int | None = None,
    paths: Sequence[str] = (),
    globs: Sequence[str] = (),
) -> list[SearchResult]:
    """Search the files among `entries`. Binary files are passed over."""
    flags = re.IGNORECASE if insensitive else 0
    if multiline:
        flags |= re.MULTILINE | (re.DOTALL if dotall else 0)
    try:
        wanted = re.compile((re.escape(pattern) if literal else pattern).encode(), flags)
    except re.error as error:
        raise EngineError(f"{pattern!r} is no regular expression: {error}; or ask for a literal search") from None
    named = Filter(include=[glob if "/" in glob else f"**/{glob}" for glob in globs])
    below = Filter(include=paths)

    def find() -> list[SearchResult]:
        found: list[SearchResult] = []
        for entry in entries:
            hidden = any(part.startswith(".") for part in entry.path.split("/"))
            if not entry.is_file or (skip_hidden and hidden):
                continue
            if not (named.takes(entry.path, is_dir=False) and below.takes(entry.path, is_dir=False)):
                continue
            found.extend(_in_file(engine, entry, wanted, multiline=multiline, files_only=files_only))
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    return await asyncio.to_thread(find)


def _in_file(
    engine: Any, entry: Entry, wanted: re.Pattern[bytes], *, multiline: bool, files_only: bool
) -> Iterable[SearchResult]:
    data = entry.host.read_bytes()
    if b"\0" in data[:8192]:
        return
    offset = 0
    blocks = [data] if multiline else data.splitlines(keepends=True)
    for number, block in enumerate(blocks, start=1):
        matches = [match for match in wanted.finditer(block) if match.group()]
        if matches and multiline and not files_only:
            yield from _spans(engine, entry, data, matches)
            return
        if matches and files_only:
            yield SearchResult(engine, entry.path)
            return
        if matches:
            yield SearchResult(engine, entry.path, number, offset, _text(block), _parts(engine, matches, 0))
        offset += len(block)


def _spans(engine: Any, entry: Entry, data: bytes, matches: Sequence["re.Match[bytes]"]) -> Iterable[SearchResult]:
    """Tell the matches of a whole file, each with the whole lines that it is in; those that share lines together."""
    ends: list[tuple[int, int, list[re.Match[bytes]]]] = []
    for match in matches:
        start = data.rfind(b"\n", 0, match.start()) + 1
        end = data.find(b"\n", match.end() - 1) + 1 or len(data)
        if ends and start < ends[-1][1]:
            first, last, sharing = ends.pop()
            ends.append((first, max(last, end), [*sharing, match]))
        else:
            ends.append((start, end, [match]))
    for start, end, sharing in ends:
        line = 1 + data.count(b"\n", 0, start)
        yield SearchResult(engine, entry.path, line, start, _text(data[start:end]), _parts(engine, sharing, start))


def _parts(engine: Any, matches: Iterable["re.Match[bytes]"], start: int) -> tuple[SearchSubmatch, ...]:
    return tuple(
        SearchSubmatch(engine, _text(match.group()), match.start() - start, match.end() - start) for match in matches
    )


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
