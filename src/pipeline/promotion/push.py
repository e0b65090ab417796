"""Push edits of overlays to a branch that others write to as well."""

from collections.abc import Awaitable, Callable, Collection, Sequence

from pipeline.description import Description, Service
from pipeline.errors import GitFailed

from .branch import Tip, read_branch
from .draft import Draft
from .workspace import Workspace

_ATTEMPTS = 5  # at what the edits were made from; commits of others to anything else do not count


async def push(
    workspace: Workspace,
    first: Tip,
    *,
    made_from: Sequence[str],
    prepare: Callable[[Tip], Awaitable[Draft]],
    message: Callable[[Tip, Draft], str],
) -> tuple[Draft, str]:
    """Commit and push, and start over on the new tip when others changed what this one was made from.

    Nothing is merged then: a rebase of the same line conflicts, the same edit on the new tip does not.

    Args:
        workspace: the branch, and who commits.
        first: the tip to begin with.
        made_from: the pathspecs of what the edits were made from.
        prepare: make the edits on a tip; none means that there is nothing to do.
        message: write the commit's message.

    Returns:
        The edits that were pushed and the commit's id; no edits and no id if there was nothing to change.

    Raises:
        GitFailed: the remote refuses, or others were faster every time.
    """
    remote, author, tip = workspace.remote, workspace.signature.author, first
    for _ in range(_ATTEMPTS):
        done = await prepare(tip)
        if not done.edits:
            return done, ""
        if commit := await remote.push(done.after, author, message(tip, done), done.files, made_from):
            return done, commit
        tip = await read_branch(remote, workspace.description)
    msg = f"{remote.url} ({remote.branch}): others changed the same overlays {_ATTEMPTS} times: run again"
    raise GitFailed(msg)


def pathspecs(description: Description, services: Sequence[Service], environments: Collection[str]) -> list[str]:
    """Return git's pathspecs of services' manifests, without the overlays of environments that do not matter."""
    others = [environment.name for environment in description.environments if environment.name not in environments]
    return [
        pathspec
        for service in services
        for pathspec in (
            description.manifests_of(service.name),
            *(f":(exclude){description.overlay(service.name, name)}" for name in others),
        )
    ]
