"""Promote: copy by digest, then one commit. What can be refused was, when it was prepared."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.errors import PipelineError

from .approval import check_approved
from .carry import carry
from .copy import AGAIN, after_copying, copied_already, copy
from .draft import Draft
from .explain import explain
from .intent import Intent
from .interrupted import UNKNOWN, saying_if_interrupted
from .land import Change, land
from .outcome import Outcome
from .prepare import prepare
from .push import pathspecs
from .workspace import Workspace


async def promote(
    workspace: Workspace, intents: Sequence[Intent], *, dry_run: bool = False, approved: str = ""
) -> Outcome:
    """Carry out a promotion; a second run after any interruption ends in the same state.

    Args:
        workspace: what to work with.
        intents: what is wanted, an environment each; all have the same services.
        dry_run: say what would be done, and do nothing.
        approved: the digest of the plan that it has to be; empty if it may be any.

    Raises:
        PipelineError: if something was copied before it failed, the message says what.
    """
    prepared = await prepare(workspace, intents)
    check_approved(prepared.plan, approved)
    plan = prepared.plan
    if workspace.explaining:
        plan = await explain(workspace, prepared.tip, plan, prepared.attached)
    if dry_run:
        return plan
    uploaded = await copy(workspace.copier, prepared.steps)
    copied = copied_already([step for step in prepared.steps if step.copy])
    try:
        with saying_if_interrupted(lambda: f"{copied}. Nothing was committed. {AGAIN}"):
            carried = await carry(workspace, prepared.intents, prepared.steps, prepared.images)
    except PipelineError as error:
        raise after_copying(error, prepared.steps) from None
    referrers = {(step.environment, step.service): len(carried[step.target].kinds) for step in prepared.steps}
    description, services = workspace.description, intents[0].services
    across = description.origins([intent.target for intent in intents])

    def report(done: Draft, commit: str) -> Outcome:
        outcome = prepared.outcome(
            done, dry_run=False, commit=commit, uploaded=uploaded if across else None, carried=carried
        )
        return replace(outcome, commits=plan.commits, packages=plan.packages)

    change = Change(
        environments=[intent.target.name for intent in intents],
        made_from=pathspecs(description, services, {name for each in intents for name in each.environments}),
        prepare=lambda tip: prepared.redraft(workspace, tip, approved),
        message=lambda tip, done: workspace.message(
            "promote", tip, done, meant=len(services), intents=intents, referrers=referrers
        ),
        report=report,
    )
    try:
        with saying_if_interrupted(lambda: f"{copied}. {UNKNOWN}. {AGAIN}"):
            return await land(workspace, prepared.tip, change)
    except PipelineError as error:
        raise after_copying(error, prepared.steps) from None
