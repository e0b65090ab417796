"""Where a repository is on the web, and which kind of forge keeps it: by its address."""

import enum
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit


class Kind(enum.Enum):
    """By what a forge is asked: GitHub by its API, GitLab by options of a push, others not at all."""

    GITHUB = enum.auto()
    GITLAB = enum.auto()
    OTHER = enum.auto()


@dataclass(frozen=True, slots=True)
class Place:
    """A repository: its page, and its path there."""

    kind: Kind
    page: str
    path: str

    def new(self, base: str, branch: str) -> str:
        """Return the address at which a person opens a pull request; of an unknown forge, the repository's."""
        base, branch = quote(base, safe=""), quote(branch, safe="")
        if self.kind is Kind.GITHUB:
            return f"{self.page}/compare/{base}...{branch}?expand=1"
        if self.kind is Kind.GITLAB:
            names = (("source", branch), ("target", base))
            query = "&".join(f"merge_request%5B{name}_branch%5D={value}" for name, value in names)
            return f"{self.page}/-/merge_requests/new?{query}"
        return self.page


def place(url: str, on_github: str = "") -> Place:
    """Return where a repository is.

    Args:
        url: its address for git, over HTTP or SSH.
        on_github: its `owner/name` there; empty if it is elsewhere.
    """
    if "://" not in url:  # git@host:owner/name
        host, _, path = url.partition("@")[2].partition(":")
        scheme, netloc = "https", host
    else:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
        web = parts.scheme in {"http", "https"}
        scheme, netloc = (parts.scheme, parts.netloc) if web else ("https", re.sub(r"^(?:alt)?ssh\.", "", host))
    path = path.strip("/").removesuffix(".git")
    page = f"{scheme}://{netloc}/{path}"
    if on_github:
        return Place(Kind.GITHUB, page, on_github)
    return Place(Kind.GITLAB if re.match(r"gitlab\.|.*\.gitlab\.", host) else Kind.OTHER, page, path)
