"""A forge that is not asked: the branch is pushed, and a person opens the pull request."""

from dataclasses import dataclass

from .place import Place
from .pull_request import PUSHED, Proposal, PullRequest


@dataclass(frozen=True, slots=True)
class Branch:
    """Any forge, or GitHub without a token for its API."""

    place: Place
    base: str

    def options(self, message: str) -> list[str]:
        """Return none."""
        del message
        return []

    async def propose(self, proposal: Proposal, said: str) -> PullRequest:
        """Return the branch."""
        del said
        return PullRequest(proposal.branch, self.address(proposal.branch), PUSHED)

    def address(self, branch: str) -> str:
        """Return where a person opens a pull request for a branch."""
        return self.place.new(self.base, branch)
