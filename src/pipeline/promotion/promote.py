"""Promote: copy by digest, then one commit. What can be refused was, when it was prepared."""

from pipeline.errors import PipelineError

from .approval import check_approved
from .copy import after_copying, copy
from .decide import Intent
from .land import Change, land
from .outcome import Outcome
from .prepare import environments, prepare
from .push import pathspecs
from .workspace import Workspace


async def promote(workspace: Workspace, intent: Intent, *, dry_run: bool = False, approved: str = "") -> Outcome:
    """Carry out a promotion; a second run after any interruption ends in the same state.

    Args:
        workspace: what to work with.
        intent: what is wanted.
        dry_run: say what would be done, and do nothing.
        approved: the digest of the plan that it has to be; empty if it may be any.

    Raises:
        PipelineError: if something was copied before it failed, the message says what.
    """
    prepared = await prepare(workspace, intent)
    check_approved(prepared.plan, approved)
    if dry_run:
        return prepared.plan
    uploaded = await copy(workspace.copier, intent.target.name, prepared.steps)
    across = intent.description.origins([intent.target])
    change = Change(
        environment=intent.target.name,
        made_from=pathspecs(intent.description, intent.services, environments(intent)),
        prepare=lambda tip: prepared.redraft(workspace, tip, approved),
        message=lambda tip, done: workspace.message(
            "promote",
            intent.target.name,
            intent.origin,
            tip,
            done,
            meant=len(intent.services),
            forced=intent.force,
        ),
        report=lambda done, commit: prepared.outcome(
            done, dry_run=False, commit=commit, uploaded=uploaded if across else None
        ),
    )
    try:
        return await land(workspace, prepared.tip, change)
    except PipelineError as error:
        raise after_copying(error, prepared.steps) from None
