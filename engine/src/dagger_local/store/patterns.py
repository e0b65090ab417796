"""Include and exclude patterns: Docker's (anchored, `!` takes back, `**` spans folders) and git's."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from pathspec import GitIgnoreSpec


class Takes(Protocol):
    """Decides which paths of a tree are taken."""

    def takes(self, path: str, *, is_dir: bool) -> bool:
        """Say whether `path` itself is taken."""

    def enters(self, path: str) -> bool:
        """Say whether anything below the directory `path` could be taken."""


class Filter:
    """Decides which paths of a tree are taken.

    `exclude` is applied in order with `!` exceptions; where `include` is given, a path must match it too.
    Both follow Docker's rules: a pattern is anchored at the root and covers all below what it matches.
    `gitignore` lines follow git's rules.
    """

    def __init__(
        self, *, include: Sequence[str] = (), exclude: Sequence[str] = (), gitignore: Iterable[str] = ()
    ) -> None:
        self._include = GitIgnoreSpec.from_lines(map(_anchored, include)) if include else None
        self._exclude = GitIgnoreSpec.from_lines(map(_anchored, exclude)) if exclude else None
        lines = list(gitignore)
        self._gitignore = GitIgnoreSpec.from_lines(lines) if lines else None
        self._wanted = [*include, *(pattern[1:] for pattern in exclude if pattern.startswith("!"))]
        self._only_wanted = bool(include) or "*" in exclude or "**" in exclude

    def takes(self, path: str, *, is_dir: bool) -> bool:
        """Say whether `path` itself is taken."""
        name = f"{path}/" if is_dir else path
        if self._include and not self._include.match_file(name):
            return False
        if self._exclude and self._exclude.match_file(name):
            return False
        return not (self._gitignore and self._gitignore.match_file(name))

    def enters(self, path: str) -> bool:
        """Say whether anything below the directory `path` could be taken."""
        if self._gitignore and self._gitignore.match_file(f"{path}/"):
            return False
        if self.takes(path, is_dir=True):
            return True
        if self._include and not any(_meets(pattern, path) for pattern in self._wanted):
            return False
        if self._exclude and self._exclude.match_file(f"{path}/"):
            return any(_meets(pattern, path) for pattern in self._wanted)
        return True


def _anchored(pattern: str) -> str:
    negated, pattern = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    pattern = pattern.strip().removeprefix("./").lstrip("/").rstrip("/")
    return f"{negated}/{pattern or '**'}" if pattern != "." else f"{negated}/**"


def _meets(pattern: str, directory: str) -> bool:
    """Say whether `pattern` could match `directory`, something above it or something below it."""
    wanted = pattern.removeprefix("!").removeprefix("./").strip("/").split("/")
    for have, want in zip(directory.split("/"), wanted, strict=False):
        if any(sign in want for sign in "*?["):
            return True
        if have != want:
            return False
    return True
