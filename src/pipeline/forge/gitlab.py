"""GitLab: a push opens the merge request, or brings the open one up to date, by its options; no API is asked.

https://docs.gitlab.com/topics/git/commit/#push-options
"""

import html
import re
from dataclasses import dataclass

from .place import Place
from .pull_request import OPEN, PUSHED, Proposal, PullRequest

_ADDRESS = re.compile(r"https?://\S+/-/merge_requests/([0-9]+)(?![0-9])")
_LONGEST = 60_000  # bytes of an option, which is sent as one packet of 65,516 at most


@dataclass(frozen=True, slots=True)
class GitLab:
    """A GitLab, and whether it is to merge when the checks are green."""

    place: Place
    base: str
    auto_merge: bool

    def options(self, message: str) -> list[str]:
        """Return the options of the push; a description is one line there, so that its lines are breaks of HTML."""
        title, _, rest = message.partition("\n")
        lines = [html.escape(line.rstrip(), quote=False) for line in rest.splitlines() if line.strip()]
        values = ["create", f"target={self.base}", f"title={title}", f"description={_joined(lines)}"]
        values += ["remove_source_branch", *(["merge_when_pipeline_succeeds"] if self.auto_merge else [])]
        return [f"--push-option=merge_request.{value}" for value in values]

    async def propose(self, proposal: Proposal, said: str) -> PullRequest:
        """Return the merge request that the server names; a push of what was there already names none."""
        if found := _ADDRESS.search(said):
            return PullRequest(proposal.branch, found[0], OPEN, int(found[1]))
        return PullRequest(proposal.branch, self.address(proposal.branch), PUSHED)

    def address(self, branch: str) -> str:
        """Return where a person opens a merge request for a branch."""
        return self.place.new(self.base, branch)


def _joined(lines: list[str]) -> str:
    """Join lines, those that there is room for."""
    text = ""
    for line in lines:
        longer = f"{text}<br>{line}" if text else line
        if len(longer.encode()) > _LONGEST:
            return f"{text}<br>…"
        text = longer
    return text
