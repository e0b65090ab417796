"""Releases of the emulated GitHub: find one by its tag, and make one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from support.github_route import Request, Route

_TAKEN = {"resource": "Release", "code": "already_exists", "field": "tag_name"}


@dataclass(slots=True)
class Releases:
    """The releases, by repository and tag."""

    made: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def routes(self) -> Mapping[str, Route]:
        """What answers."""
        return {
            "GET /repos/{owner}/{repo}/releases/tags/{tag}": self._find,
            "POST /repos/{owner}/{repo}/releases": self._make,
        }

    def of(self, repository: str) -> dict[str, dict[str, Any]]:
        """Return a repository's releases by tag."""
        return self.made.setdefault(repository, {})

    def _find(self, request: Request) -> tuple[int, Any]:
        found = self.of(request.repository).get(request.names["tag"])
        return (200, found) if found else (404, {"message": "Not Found"})

    def _make(self, request: Request) -> tuple[int, Any]:
        releases, tag = self.of(request.repository), request.body["tag_name"]
        if tag in releases:
            return 422, {"message": "Validation Failed", "errors": [_TAKEN]}
        page = f"https://github.com/{request.repository}/releases/tag/{tag}"
        releases[tag] = {"draft": False, "prerelease": False, **request.body, "id": len(releases) + 1, "html_url": page}
        return 201, releases[tag]
