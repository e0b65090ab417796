"""Find out what a promotion does, and make its edits on a clone: nothing is copied or committed yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pipeline.concurrency import both, side_by_side
from pipeline.overlays import Edit, Pin
from pipeline.referrers import Tree
from pipeline.registry import repository
from pipeline.surface import listed

from .approval import check_approved
from .branch import Tip, read_branch
from .carried import Carried
from .carry import Images, find, planned, require
from .decide import Refused, Step, steps, versions
from .draft import Draft, edit_of
from .intent import Intent
from .outcome import Outcome, Row
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class Prepared:
    """A promotion that may happen: nothing stands in its way, and its overlays render what they should."""

    intents: Sequence[Intent]
    images: Images
    tip: Tip
    steps: Sequence[Step]
    draft: Draft
    reason: str = ""

    def outcome(
        self,
        draft: Draft,
        *,
        dry_run: bool,
        commit: str = "",
        uploaded: int | None = None,
        carried: Mapping[str, Carried] = MappingProxyType({}),
    ) -> Outcome:
        """Return what is reported of it, once a draft was made or pushed, and what refers to the images carried."""
        origins = {intent.target.name: intent.origin for intent in self.intents}
        return Outcome(
            verb="promote",
            version=listed(step.pin.tag for step in self.steps),
            environment=listed(origins),
            origin=listed(origins.values()),
            dry_run=dry_run,
            changed=bool(draft.edits),
            rows=[
                _row(step, origins[step.environment], carried.get(step.target) or planned(step, self.images))
                for step in self.steps
            ],
            commit=commit,
            diff=draft.diff,
            rendered_diff=draft.rendered_diff,
            uploaded=uploaded,
            forced=any(intent.force for intent in self.intents),
            reason=self.reason,
            skipped=tuple(dict.fromkeys(name for intent in self.intents for name in intent.skipped)),
        )

    @property
    def plan(self) -> Outcome:
        """What would happen."""
        return self.outcome(self.draft, dry_run=True)

    @property
    def attached(self) -> dict[str, Tree]:
        """What refers to the images that come, by their references by digest."""
        return {f"{repository(step.source)}@{step.digest}": self.images.trees[step.source] for step in self.steps}

    async def redraft(self, workspace: Workspace, tip: Tip, approved: str) -> Draft:
        """Return the edits for a tip: decided and made anew, unless it is the one that this was prepared on.

        Raises:
            Refused: something stands in the way now, or it is not what was approved any more.
        """
        if tip is self.tip:
            return self.draft
        found = _steps(self.intents, self.images.digests, tip)
        draft = await workspace.draft(tip, _edits(workspace, found))
        if draft.edits:
            check_approved(replace(self, tip=tip, steps=found, draft=draft).plan, approved)
        return draft


async def prepare(workspace: Workspace, intents: Sequence[Intent]) -> Prepared:
    """Ask the registry, read the branch, decide what is to be done, and try the edits.

    Args:
        workspace: what to work with.
        intents: what is wanted, an environment each.

    Raises:
        Refused: something stands in the way. Of a version that was never built, those that were are named.
        InvalidInput: a file that tells who may have signed is not there.
    """
    branch = read_branch(workspace.remote, workspace.description, depth=0 if workspace.explaining else 1)
    if all(intent.version for intent in intents):
        images, tip = await both(find(workspace, intents), branch)
    else:
        tip = await branch
        intents = [replace(intent, versions=versions(intent, _pins(intent, intent.origin, tip))) for intent in intents]
        images = await find(workspace, intents)
    lacking = {
        intent.source(service).rpartition(":")[0]: service.name
        for intent in intents
        for service in intent.services
        if intent.from_first and intent.source(service) not in images.digests
    }
    tags = await side_by_side(workspace.copier.tags, list(lacking))
    found = _steps(intents, images.digests, tip, dict(zip(lacking.values(), tags, strict=True)))
    edits = _edits(workspace, found)
    draft, _ = await both(workspace.draft(tip, edits), require(workspace, intents, found, images))
    return Prepared(intents, images, tip, found, draft, workspace.signature.circumstances.reason)


def _pins(intent: Intent, environment: str, tip: Tip) -> dict[str, Pin | None]:
    return {service.name: tip.pin(service.name, environment) for service in intent.services}


def _steps(
    intents: Sequence[Intent],
    digests: Mapping[str, str],
    tip: Tip,
    tags: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[Step]:
    """Decide for every environment: what stands in the way is asked for here, and all of it is told at once."""
    found: list[Step] = []
    problems: list[str] = []
    for intent in intents:
        matters = intent.origin in intent.environments or not intent.version
        origin = _pins(intent, intent.origin, tip) if matters else {}
        try:
            found += steps(intent, digests, origin, _pins(intent, intent.target.name, tip), tags)
        except Refused as refused:
            problems += str(refused).splitlines()
    if problems:
        raise Refused("\n".join(dict.fromkeys(problems)))
    return found


def _edits(workspace: Workspace, found: Sequence[Step]) -> list[Edit]:
    return [edit_of(workspace.description, step.service, step.environment, step.pin) for step in found]


def _row(step: Step, origin: str, referrers: Carried) -> Row:
    return Row(
        service=step.service,
        source=step.source,
        target=step.target,
        digest=step.digest,
        copied=step.copy,
        previous=step.previous,
        running=step.running,
        environment=step.environment,
        origin=origin,
        referrers=referrers,
    )
