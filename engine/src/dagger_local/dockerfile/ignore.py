"""What is left out of a build context: `.dockerignore`, by the rules of moby/patternmatcher."""

import posixpath
from collections.abc import Iterable, Sequence

from e2b_dockerfile_utils import PatternMatcher

from dagger_local.store.patterns import Takes


def read_patterns(text: str) -> list[str]:
    """Return the patterns of an ignore file: comments, blanks and what only looks different taken out."""
    patterns: list[str] = []
    for line in text.removeprefix("\ufeff").split("\n"):
        pattern = line.removesuffix("\r")
        if pattern.startswith("#") or not (pattern := pattern.strip()):
            continue
        taken_back = pattern.startswith("!")
        pattern = pattern.removeprefix("!").strip()
        if pattern:
            pattern = posixpath.normpath(pattern)
            pattern = "/" + pattern.lstrip("/") if pattern.startswith("//") else pattern
            pattern = pattern[1:] if len(pattern) > 1 and pattern.startswith("/") else pattern
        patterns.append(f"!{pattern}" if taken_back else pattern)
    return patterns


class Ignored:
    """A filter of a tree: takes what no pattern leaves out, or what a later one takes back."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._matcher = PatternMatcher(list(patterns))

    def takes(self, path: str, *, is_dir: bool) -> bool:  # noqa: ARG002 - the rules know no folders
        """Say whether `path` itself is taken."""
        return not self._matcher.matches(path)

    def enters(self, path: str) -> bool:
        """Say whether anything below the folder `path` could be taken."""
        return not self._matcher.matches(path) or self._matcher.may_match_under(path)


class Both:
    """A filter of a tree: takes what two others take."""

    def __init__(self, one: Takes, other: Takes) -> None:
        self._one, self._other = one, other

    def takes(self, path: str, *, is_dir: bool) -> bool:
        """Say whether `path` itself is taken."""
        return self._one.takes(path, is_dir=is_dir) and self._other.takes(path, is_dir=is_dir)

    def enters(self, path: str) -> bool:
        """Say whether anything below the folder `path` could be taken."""
        return self._one.enters(path) and self._other.enters(path)


class Chosen:
    """A filter of a tree: takes what a pattern matches, and all below it."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = list(patterns)
        self._matcher = PatternMatcher(self._patterns)
        self._under = PatternMatcher([f"!{pattern}" for pattern in self._patterns])

    def takes(self, path: str, *, is_dir: bool) -> bool:  # noqa: ARG002
        """Say whether `path` itself is taken."""
        return self._matcher.matches(path)

    def enters(self, path: str) -> bool:
        """Say whether anything below the folder `path` could be taken."""
        return self._matcher.matches(path) or self._under.may_match_under(path)
