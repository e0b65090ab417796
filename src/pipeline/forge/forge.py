"""Choose how a change is proposed, by where the repository is."""

from typing import Protocol

import dagger

from pipeline.errors import InvalidInput
from pipeline.git import GitHub as OnGitHub

from .branch import Branch
from .github import GitHub
from .gitlab import GitLab
from .http import api
from .place import Kind, place
from .pull_request import Proposal, PullRequest


class Forge(Protocol):
    """Takes a branch that was pushed, and makes a pull request of it."""

    def options(self, message: str) -> list[str]:
        """Return the options of the push, given the commit's message."""
        ...

    async def propose(self, proposal: Proposal, said: str) -> PullRequest | None:
        """Open a pull request for a branch that was pushed, or bring the one that is open up to date.

        Args:
            proposal: the branch.
            said: what the server said to the push.

        Returns:
            The pull request; None if there is nothing to propose, because the base has it already.

        Raises:
            ForgeFailed: it refuses, or cannot be asked.
        """
        ...

    def address(self, branch: str) -> str:
        """Return where a person opens a pull request for a branch."""
        ...


async def open_forge(
    image: str, url: str, base: str, token: dagger.Secret | None, on: OnGitHub | None, *, auto_merge: bool
) -> Forge:
    """Return the forge of a repository, after asking it once: what cannot work is refused before anything is done.

    Args:
        image: one with curl.
        url: the repository's address for git.
        base: the branch that pull requests are for.
        token: the right to use the forge's API, without a line end.
        on: the GitHub that it is on, if it is on one.
        auto_merge: let the forge merge when its conditions are met.

    Raises:
        InvalidInput: the forge can do no such thing, or something is missing for it.
        ForgeFailed: it refuses, or cannot be asked.
    """
    where = place(url, on.repository if on else "")
    if where.kind is Kind.GITLAB:
        return GitLab(where, base, auto_merge)
    if on and token:
        forge = GitHub(await api(image, on, token), where, base, auto_merge)
        await forge.check()
        return forge
    if auto_merge:
        todo = "give --git-token" if on else "leave it out, or give --github-api if it is GitHub"
        msg = f"--auto-merge: {where.page} cannot be told to merge: {todo}"
        raise InvalidInput(msg)
    return Branch(where, base)
