"""Find out what a promotion does, and make its edits on a clone: nothing is copied or committed yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pipeline.concurrency import both, side_by_side
from pipeline.overlays import Edit, Pin

from .approval import check_approved
from .branch import Tip, read_branch
from .decide import Intent, Step, steps
from .draft import Draft, edit_of
from .outcome import Outcome, Row
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class Prepared:
    """A promotion that may happen: nothing stands in its way, and its overlays render what they should."""

    intent: Intent
    digests: Mapping[str, str]
    tip: Tip
    steps: Sequence[Step]
    draft: Draft

    def outcome(self, draft: Draft, *, dry_run: bool, commit: str = "", uploaded: int | None = None) -> Outcome:
        """Return what is reported of it, once a draft was made or pushed."""
        return Outcome(
            verb="promote",
            version=self.intent.version,
            environment=self.intent.target.name,
            origin=self.intent.origin,
            dry_run=dry_run,
            changed=bool(draft.edits),
            rows=[
                Row(step.service, step.source, step.target, step.digest, step.copy, step.previous, step.running)
                for step in self.steps
            ],
            commit=commit,
            diff=draft.diff,
            rendered_diff=draft.rendered_diff,
            uploaded=uploaded,
            forced=self.intent.force,
        )

    @property
    def plan(self) -> Outcome:
        """What would happen."""
        return self.outcome(self.draft, dry_run=True)

    async def redraft(self, workspace: Workspace, tip: Tip, approved: str) -> Draft:
        """Return the edits for a tip: decided and made anew, unless it is the one that this was prepared on.

        Raises:
            Refused: something stands in the way now, or it is not what was approved any more.
        """
        if tip is self.tip:
            return self.draft
        found = _steps(self.intent, self.digests, tip)
        draft = await workspace.draft(tip, _edits(self.intent, found))
        if draft.edits:
            check_approved(replace(self, tip=tip, steps=found, draft=draft).plan, approved)
        return draft


async def prepare(workspace: Workspace, intent: Intent) -> Prepared:
    """Ask the registry, read the branch, decide what is to be done, and try the edits.

    Raises:
        Refused: something stands in the way. Of a version that was never built, those that were are named.
    """
    digests, tip = await both(
        workspace.copier.digests(intent.references), read_branch(workspace.remote, intent.description)
    )
    lacking = [service for service in intent.services if intent.from_first and intent.source(service) not in digests]
    repositories = [intent.source(service).rpartition(":")[0] for service in lacking]
    tags = await side_by_side(workspace.copier.tags, repositories)
    names = [service.name for service in lacking]
    found = _steps(intent, digests, tip, dict(zip(names, tags, strict=True)))
    return Prepared(intent, digests, tip, found, await workspace.draft(tip, _edits(intent, found)))


def environments(intent: Intent) -> set[str]:
    """Return the environments whose overlays matter: what the first one runs does not, for it may be promoted."""
    return {intent.target.name} | {intent.origin} - {intent.description.first.name}


def _steps(
    intent: Intent, digests: Mapping[str, str], tip: Tip, tags: Mapping[str, Collection[str]] = MappingProxyType({})
) -> list[Step]:
    def pins(environment: str) -> dict[str, Pin | None]:
        return {service.name: tip.pin(service.name, environment) for service in intent.services}

    origin = pins(intent.origin) if intent.origin in environments(intent) else {}
    return steps(intent, digests, origin, pins(intent.target.name), tags)


def _edits(intent: Intent, found: Sequence[Step]) -> list[Edit]:
    return [edit_of(intent.description, step.service, intent.target.name, step.pin) for step in found]
