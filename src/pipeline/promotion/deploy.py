"""Deploy: commit that the first environment runs what was built, where nobody else does."""

from collections.abc import Mapping

from pipeline.description import Description
from pipeline.errors import PipelineError
from pipeline.overlays import Edit, Pin

from .branch import read_branch
from .draft import edit_of
from .push import pathspecs, push
from .workspace import Workspace


async def deploy(workspace: Workspace, published: Mapping[str, str]) -> str:
    """Pin what was pushed in the first environment's overlays, tag and digest, in one commit.

    Args:
        workspace: of the first environment.
        published: what was pushed of each service, as repository:tag@digest.

    Returns:
        The commit's id; empty if the overlays were so already.

    Raises:
        PipelineError: the message says that the images are pushed.
    """
    description, first = workspace.description, workspace.description.first.name
    edits = [_edit(description, service, reference) for service, reference in published.items()]
    try:
        tip = await read_branch(workspace.remote, description)
        _, commit = await push(
            workspace,
            tip,
            made_from=pathspecs(description, description.select(list(published)), {first}),
            prepare=lambda tip: workspace.draft(tip, edits),
            message=lambda tip, done: workspace.message("deploy", tip, done, meant=len(published)),
        )
    except PipelineError as error:
        pushed = ", ".join(published.values())
        raise type(error)(f"{error}\nPushed already: {pushed}. Run again to finish: what is there stays") from None
    return commit


def _edit(description: Description, service: str, reference: str) -> Edit:
    name, _, digest = reference.partition("@")
    repository, _, tag = name.rpartition(":")
    return edit_of(description, service, description.first.name, Pin(repository, tag, digest))
