"""Patterns of paths: what the arguments `exclude`, `include` and `gitignore` take, and globs.

They follow Docker's rules as Dagger's engine reads them: a pattern is cleaned and matches paths from the root, never
with a leading slash; `*` and `?` stay in a folder, `**` spans folders, `[^a-c]` is a class, a backslash takes the
next sign as it is. One that takes a folder takes all below; the last one that matches decides, `!` takes back.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from pathspec import GitIgnoreSpec

from dagger_local.errors import EngineError
from dagger_local.store.patterns import Filter
from dagger_local.store.tree import Tree, lookup

Read = Callable[[str], str | None]
"""Gives the text of a folder's .gitignore, None without one."""
_PLAIN = re.compile(r"\.*[\w-][\w.-]*", re.ASCII)
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[(\^?)((?:\\.|[^\\\]])+)\]|\\(.)|(\[|\\)|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, compiled; `negated` takes back what those before it took."""

    text: str
    negated: bool
    expression: "re.Pattern[str]"

    def matches(self, path: str) -> bool:
        """Whether it names exactly this path."""
        return self.expression.fullmatch(path) is not None

    def covers(self, path: str) -> bool:
        """Whether it names the path or a folder above."""
        return self.matches(path) or any(self.matches(path[:end]) for end in _slashes(path))

    def may_cover_below(self, folder: str) -> bool:
        """Whether it could name something below the folder."""
        for have, want in zip(folder.split("/"), self.text.split("/"), strict=False):
            if any(sign in want for sign in "*?[\\"):
                return True
            if have != want:
                return False
        return True


def compiled(text: str) -> Pattern:
    """Compile a pattern; raises EngineError when it is none."""
    cleaned = posixpath.normpath(text.strip()) if text.strip() else ""
    negated = cleaned.startswith("!")
    if negated:
        cleaned = cleaned[1:]
    if not cleaned:
        raise EngineError("empty pattern")
    # Two slashes at the beginning are kept by POSIX; for a pattern they are one.
    cleaned = re.sub("^//", "/", cleaned)
    parts = "".join(map(_expression, _TOKEN.finditer(cleaned)))
    try:
        return Pattern(cleaned, negated, re.compile(parts, re.DOTALL))
    except re.error:
        raise EngineError("syntax error in pattern") from None


def _expression(token: "re.Match[str]") -> str:
    not_in, members, escaped, broken, plain = token.groups()
    if broken:
        raise EngineError("syntax error in pattern")
    if members:
        kept = re.sub(r"\\?\[", lambda _: r"\[", members)
        return f"[{not_in}{kept}]" if not_in or not kept.startswith("^") else f"[\\{kept}]"
    if escaped or plain:
        return re.escape(escaped or plain)
    return {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}[token[0]]


class Patterns:
    """Several patterns, of which the last that covers a path decides."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._patterns = [compiled(text) for text in texts if text.strip()]

    def take(self, path: str) -> bool:
        """Whether the path is taken."""
        taken = False
        for pattern in self._patterns:
            if pattern.negated == taken and pattern.covers(path):
                taken = not pattern.negated
        return taken

    def may_take_below(self, folder: str, *, back: bool = False) -> bool:
        """Whether something below the folder could be taken, or with `back` be taken back."""
        return any(each.may_cover_below(folder) for each in self._patterns if each.negated == back)


class Ignored:
    """What the .gitignore files of a tree ignore, each for its folder and all below; what is deeper goes first."""

    def __init__(self, read: Read, prefix: str = "") -> None:
        self._read = read
        self._prefix = prefix
        self._specs: dict[str, GitIgnoreSpec | None] = {}
        self._folders: dict[str, bool] = {"": False}

    def ignores(self, path: str, *, is_dir: bool) -> bool:
        """Whether the path, which starts below `prefix`, is ignored."""
        return self._ignores(posixpath.join(self._prefix, path), is_dir=is_dir)

    def _ignores(self, path: str, *, is_dir: bool) -> bool:
        if is_dir and path in self._folders:
            return self._folders[path]
        folder = posixpath.dirname(path)
        ignored = self._ignores(folder, is_dir=True)  # nothing in an ignored folder can be taken back
        if not ignored and posixpath.basename(path) != ".git":
            for above in ("", *(folder[:end] for end in _slashes(folder)), *([folder] if folder else [])):
                spec = self._spec(above)
                inside = path[len(above) :].lstrip("/")
                said = spec.check_file(f"{inside}/" if is_dir else inside).include if spec else None
                ignored = ignored if said is None else said
        if is_dir:
            self._folders[path] = ignored
        return ignored

    def _spec(self, folder: str) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            text = self._read(folder)
            self._specs[folder] = None if text is None else GitIgnoreSpec.from_lines(text.splitlines())
        return self._specs[folder]


class Selection(Filter):
    """Decides which paths of a tree are taken."""

    def __init__(self, include: Sequence[str], exclude: Sequence[str], ignored: Ignored | None = None) -> None:
        super().__init__()
        self._included = Patterns(include) if include else None
        self._excluded = Patterns(exclude)
        self._ignored = ignored

    def takes(self, path: str, *, is_dir: bool) -> bool:
        """Say whether `path` itself is taken."""
        if (self._included and not self._included.take(path)) or self._excluded.take(path):
            return False
        return not (self._ignored and self._ignored.ignores(path, is_dir=is_dir))

    def enters(self, path: str) -> bool:
        """Say whether anything below the directory `path` could be taken."""
        if self._ignored and self._ignored.ignores(path, is_dir=True):
            return False
        if self._included and not (self._included.take(path) or self._included.may_take_below(path)):
            return False
        return not self._excluded.take(path) or self._excluded.may_take_below(path, back=True)


def selection_of(
    tree: Tree, exclude: Sequence[str], include: Sequence[str], *, gitignore: bool = False
) -> Selection | None:
    """Return what a call's arguments take of a tree; None when they take everything."""

    def read(folder: str) -> str | None:
        entry = lookup(tree, posixpath.join(folder, ".gitignore"))
        return entry.host.read_text(errors="replace") if entry and entry.is_file else None

    if not (exclude or include or gitignore):
        return None
    return Selection(include, exclude, Ignored(read) if gitignore else None)


def selection_of_host(
    place: Path, exclude: Sequence[str], include: Sequence[str], *, gitignore: bool = False
) -> Selection:
    """Return what a call's arguments take of a folder of the host; .gitignore files count in a Git repository only."""
    root = next((each for each in (place, *place.parents) if (each / ".git").exists()), None) if gitignore else None
    if root is None:
        return Selection(include, exclude)

    def read(folder: str) -> str | None:
        file = root / folder / ".gitignore"
        return file.read_text(errors="replace") if file.is_file() else None

    prefix = place.relative_to(root).as_posix()
    return Selection(include, exclude, Ignored(read, "" if prefix == "." else prefix))


def glob_of(pattern: str) -> Callable[[str], bool]:
    """Compile a glob over whole paths; raises EngineError when it is none."""
    try:
        wanted = compiled(pattern)
    except EngineError as error:
        raise EngineError(f"failed to create glob pattern matcher: {error}") from None
    return (lambda _: False) if wanted.negated else wanted.matches


def spelled_out(pattern: str) -> str:
    """Return the path that a glob spells out before its first wildcard: what it matches lies there or below."""
    return "/".join(takewhile(_PLAIN.fullmatch, posixpath.normpath(pattern).split("/")))


def _slashes(path: str) -> list[int]:
    return [at for at, sign in enumerate(path) if sign == "/"]
