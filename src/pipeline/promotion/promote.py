"""Promote: copy by digest, then one commit. What can be refused was, when it was prepared."""

from pipeline.errors import PipelineError

from .copy import after_copying, copy
from .decide import Intent
from .outcome import Outcome
from .prepare import environments, prepare
from .push import pathspecs, push
from .workspace import Workspace


async def promote(workspace: Workspace, intent: Intent) -> Outcome:
    """Carry out a promotion; a second run after any interruption ends in the same state.

    Raises:
        PipelineError: if something was copied before it failed, the message says what.
    """
    prepared = await prepare(workspace, intent)
    uploaded = await copy(workspace.copier, intent.target.name, prepared.steps)
    try:
        done, commit = await push(
            workspace,
            prepared.tip,
            made_from=pathspecs(intent.description, intent.services, environments(intent)),
            prepare=lambda tip: prepared.redraft(workspace, tip),
            message=lambda tip, done: workspace.message(
                "promote",
                intent.target.name,
                intent.origin,
                tip,
                done,
                meant=len(intent.services),
                forced=intent.force,
            ),
        )
    except PipelineError as error:
        raise after_copying(error, prepared.steps) from None
    across = intent.description.origins([intent.target])
    return prepared.outcome(done, dry_run=False, commit=commit, uploaded=uploaded if across else None)
