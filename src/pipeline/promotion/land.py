"""Bring edits of overlays to the branch: pushed, or proposed to the people who may merge them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.errors import GitFailed
from pipeline.forge import Forge, ForgeFailed, Proposal
from pipeline.surface import Format

from .branch import Tip, read_branch
from .draft import Draft
from .outcome import Outcome
from .push import push
from .summary import summary
from .workspace import Workspace

_ATTEMPTS = 5
_OWN = "The branch {} is the pipeline's own: what is committed to it by hand is replaced."


@dataclass(frozen=True, slots=True)
class Change:
    """A change of environments, in one commit, that is made anew on every tip.

    `made_from` are the pathspecs of what the edits were made from. `prepare` makes them on a tip; none means that there
    is nothing to do. `message` writes the commit's message, `report` what came of it, given the edits and the commit.
    """

    environments: Sequence[str]
    made_from: Sequence[str]
    prepare: Callable[[Tip], Awaitable[Draft]]
    message: Callable[[Tip, Draft], str]
    report: Callable[[Draft, str], Outcome]


async def land(workspace: Workspace, first: Tip, change: Change) -> Outcome:
    """Push a change, or where an environment takes pull requests, propose it.

    Args:
        workspace: the branch, and who commits.
        first: the tip to begin with.
        change: what is to be brought there.

    Raises:
        GitFailed: the remote refuses, or others were faster every time.
        ForgeFailed: there is no pull request; that the branch for it is there is said.
    """
    if workspace.forge is not None:
        return await _propose(workspace, workspace.forge, change)
    done, commit = await push(
        workspace, first, made_from=change.made_from, prepare=change.prepare, message=change.message
    )
    return change.report(done, commit)


async def _propose(workspace: Workspace, forge: Forge, change: Change) -> Outcome:
    """Push the commit to a branch of the environments' own, and let there be one pull request for it.

    It is made on the branch's tip of now: copying may have taken a while. Of two at once, the last one's commit and
    text are what stays.
    """
    remote, branch = workspace.remote, f"promote/{'_'.join(change.environments)}"
    for _ in range(_ATTEMPTS):
        tip = await read_branch(remote, workspace.description)
        done = await change.prepare(tip)
        if not done.edits:
            return change.report(done, "")
        message = change.message(tip, done)
        commit, said = await remote.propose(
            done.after,
            workspace.signature.author,
            message,
            done.files,
            branch=branch,
            options=forge.options(message),
        )
        outcome = change.report(done, commit)
        body = f"{summary(outcome, Format.MARKDOWN)}\n\n{_OWN.format(f'`{branch}`')}"
        try:
            made = await forge.propose(Proposal(branch, commit, message, body), said)
        except ForgeFailed as error:
            todo = f"run again to finish, or open a pull request at {forge.address(branch)}"
            msg = f"{error}\nCommitted already: {commit} on {branch}: {todo}"
            raise ForgeFailed(msg) from None
        if made and await remote.at(branch) in {commit, ""}:
            return replace(outcome, commit=made.merged or commit, pull_request=made)
    msg = f"{remote.url} ({branch}): others proposed something else {_ATTEMPTS} times: run again"
    raise GitFailed(msg)
