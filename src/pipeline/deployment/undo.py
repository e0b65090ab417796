"""Undo what turned out bad: a rollback, committed in place of what was waited for and nothing else."""

from dataclasses import replace
from datetime import timedelta

from pipeline.errors import PipelineError
from pipeline.promotion import Rollback, rollback

from .argocd import Server
from .goal import Goal
from .report import Deployed
from .wait import NotDeployed, wait


async def wait_or_undo(server: Server, goal: Goal, limit: timedelta, *, undo: bool) -> Deployed:
    """Wait for a goal, and if it is bad or late and this is wanted, commit what ran before.

    Raises:
        NotDeployed: as `wait` does; the message says what was undone, or why nothing was.
    """
    try:
        return await wait(server, goal, limit)
    except NotDeployed as error:
        if not undo:
            raise
        done = await _undone(goal) if error.can_be_undone else "Nothing was undone: see above"
        raise NotDeployed(f"{error}\n{done}", can_be_undone=False) from None


async def _undone(goal: Goal) -> str:
    name, signature = goal.environment.name, goal.workspace.signature
    reason = f"{goal.commit[:12]} did not become healthy"
    circumstances = replace(signature.circumstances, reason=reason)
    workspace = replace(goal.workspace, signature=replace(signature, circumstances=circumstances))
    try:
        outcome = await rollback(
            workspace, Rollback(goal.environment, goal.services, instead_of=goal.pins), dry_run=False
        )
    except PipelineError as why:
        return f"Nothing was undone: {why}"
    if not outcome.commit:
        return "Nothing was undone: there was nothing to change"
    return f"Undone: {outcome.commit} lets {name} run {outcome.version} again"
