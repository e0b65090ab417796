"""Promote: copy by digest, then one commit. See DESIGN.md, "Promotion, step by step"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ._desk import Desk
from ._landing import Draft, Tip, land, look
from ._outcome import Outcome, Row
from ._overlay import Pin
from ._promoting import Intent, Step, steps
from ._together import both
from ._working import Edit


@dataclass(frozen=True, slots=True)
class Planned:
    """A promotion that may happen: nothing stands in its way, and its overlays render what they should."""

    intent: Intent
    digests: Mapping[str, str]
    steps: Sequence[Step]
    tip: Tip
    draft: Draft

    def outcome(self, *, dry_run: bool, commit: str = "", draft: Draft | None = None) -> Outcome:
        """Say what is done, or would be."""
        done = draft or self.draft
        return Outcome(
            verb="promote",
            version=self.intent.version,
            environment=self.intent.target.name,
            origin=self.intent.origin,
            dry_run=dry_run,
            changed=bool(done.edits),
            rows=[
                Row(step.service, step.source, step.target, step.digest, step.copy, step.previous)
                for step in self.steps
            ],
            commit=commit,
            diff=done.diff,
            rendered_diff=done.rendered_diff,
        )


async def plan(desk: Desk, intent: Intent) -> Planned:
    """Find out what a promotion would do, and make its edits on a clone.

    Raises:
        Refused: something stands in its way.
    """
    digests, tip = await both(desk.copier.digests(intent.references), look(desk.remote, _overlays(intent)))
    found = _steps(intent, digests, tip)
    return Planned(intent, digests, found, tip, await desk.draft(tip, _edits(intent, found)))


async def promote(desk: Desk, intent: Intent) -> Outcome:
    """Carry out a promotion; a second run after any interruption ends in the same state."""
    planned = await plan(desk, intent)
    await _copy(desk, planned)

    async def prepare(tip: Tip) -> Draft:
        if tip is planned.tip:
            return planned.draft
        return await desk.draft(tip, _edits(intent, _steps(intent, planned.digests, tip)))

    done, commit = await land(
        desk.remote,
        desk.author,
        planned.tip,
        looked_at=[intent.description.manifests_of(service.name) for service in intent.services],
        again=lambda: look(desk.remote, _overlays(intent)),
        prepare=prepare,
        message=lambda tip, done: desk.message("promote", intent.target.name, intent.origin, tip, done),
    )
    return planned.outcome(dry_run=False, commit=commit, draft=done)


async def _copy(desk: Desk, planned: Planned) -> None:
    """Copy what is missing, and see that every target has its digest.

    Raises:
        RegistryFailed: naming what was copied and what was not. Nothing is committed then.
    """
    missing = [step for step in planned.steps if step.copy]
    if not missing:
        return
    pairs = [(f"{step.source.rpartition(':')[0]}@{step.digest}", step.target) for step in missing]
    done = await desk.copier.copy(pairs)
    there = await desk.copier.digests(step.target for step in missing)
    failed = [step.service for step in missing if there.get(step.target) != step.digest]
    if failed:
        copied = ", ".join(step.service for step in missing if step.service not in failed) or "nothing"
        what = f"copying {', '.join(failed)} to {planned.intent.target.name}"
        raise desk.copier.failed(f"{what} (copied: {copied}; nothing was committed, run again)", done)


def _overlays(intent: Intent) -> list[str]:
    environments = (intent.origin, intent.target.name)
    return [intent.description.overlay(service.name, name) for service in intent.services for name in environments]


def _steps(intent: Intent, digests: Mapping[str, str], tip: Tip) -> list[Step]:
    description = intent.description
    first = intent.origin == description.first.name

    def pins(environment: str) -> dict[str, Pin | None]:
        return {
            service.name: tip.pin(service.name, description.overlay(service.name, environment))
            for service in intent.services
        }

    # What the first environment runs does not matter: what was built for it may be promoted.
    return steps(intent, digests, {} if first else pins(intent.origin), pins(intent.target.name))


def _edits(intent: Intent, found: Sequence[Step]) -> list[Edit]:
    return [
        Edit(step.service, intent.description.overlay(step.service, intent.target.name), step.pin) for step in found
    ]
