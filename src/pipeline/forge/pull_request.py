"""What is proposed to people, and what came of it."""

import re
from dataclasses import dataclass
from typing import Any

LONGEST_BODY = 65_536  # characters that GitHub takes
_FENCE = re.compile("^(`{3,})")

OPEN, CLOSED, MERGED, PUSHED = "open", "closed", "merged", "pushed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A commit on a branch of its own, with its message, and what people read of it, in Markdown."""

    branch: str
    commit: str
    message: str
    body: str

    @property
    def title(self) -> str:
        """The commit's first line."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request, or where there is none its branch, which was pushed.

    `url` is the page to merge it on, or to open it; `merged` is the commit on the branch that it was merged to.
    """

    branch: str
    url: str
    state: str
    number: int | None = None
    merged: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the contract for machines."""
        return {"number": self.number, "url": self.url, "state": self.state, "branch": self.branch}

    def __str__(self) -> str:
        """Say in a line where it is."""
        if self.number is None:
            return f"{self.branch} is pushed: merge it by {self.url}"
        return f"pull request #{self.number} is {self.state}: {self.url}"


def shortened(markdown: str, limit: int = LONGEST_BODY) -> str:
    """Return a text that is not longer than a limit: whole lines, a block that was cut closed, and that it was said."""
    if len(markdown) <= limit:
        return markdown
    lines = markdown.splitlines()
    said = "… cut here, {} lines more: the commit has all of it"
    room = limit - len(said.format(len(lines)))
    kept: list[str] = []
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        after = fence
        if mark and (not fence or line.rstrip() == fence):
            after = "" if fence else mark[1]
        room -= len(line) + 1
        if room < 2 * max(len(after), len(fence)) + 4:
            break
        kept.append(line)
        fence = after
    closing = [fence, ""] if fence else [""]
    return "\n".join([*kept, *closing, said.format(len(lines) - len(kept))])
