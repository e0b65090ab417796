"""Deploy: commit that the first environment runs what was built, where nobody else does."""

from collections.abc import Mapping

from pipeline.description import Description
from pipeline.errors import PipelineError
from pipeline.overlays import Edit, Pin

from .branch import read_branch
from .draft import edit_of
from .land import Change, land
from .outcome import Outcome, Row
from .push import pathspecs
from .workspace import Workspace


async def deploy(workspace: Workspace, published: Mapping[str, str]) -> Outcome:
    """Pin what was pushed in the first environment's overlays, tag and digest, in one commit.

    Args:
        workspace: of the first environment.
        published: what was pushed of each service, as repository:tag@digest.

    Raises:
        PipelineError: the message says that the images are pushed.
    """
    description, first = workspace.description, workspace.description.first.name
    edits = [_edit(description, service, reference) for service, reference in published.items()]
    try:
        tip = await read_branch(workspace.remote, description)
        rows = [_row(edit, tip.before(edit)) for edit in edits]
        change = Change(
            environments=[first],
            made_from=pathspecs(description, description.select(list(published)), {first}),
            prepare=lambda tip: workspace.draft(tip, edits),
            message=lambda tip, done: workspace.message("deploy", tip, done, meant=len(published)),
            report=lambda done, commit: Outcome(
                verb="deploy",
                version=", ".join(dict.fromkeys(row.tag for row in rows)),
                environment=first,
                origin=first,
                dry_run=False,
                changed=bool(done.edits),
                rows=rows,
                commit=commit,
                diff=done.diff,
                rendered_diff=done.rendered_diff,
            ),
        )
        return await land(workspace, tip, change)
    except PipelineError as error:
        pushed = ", ".join(published.values())
        raise type(error)(f"{error}\nPushed already: {pushed}. Run again to finish: what is there stays") from None


def _edit(description: Description, service: str, reference: str) -> Edit:
    name, _, digest = reference.partition("@")
    repository, _, tag = name.rpartition(":")
    return edit_of(description, service, description.first.name, Pin(repository, tag, digest))


def _row(edit: Edit, now: Pin | None) -> Row:
    reference = f"{edit.pin.repository}:{edit.pin.tag}"
    return Row(edit.service, reference, reference, edit.pin.digest, copied=False, previous=now.tag if now else "")
