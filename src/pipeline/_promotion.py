"""Promote: try the edits, copy by digest, then one commit. What can be refused is, before anything is copied."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ._copying import RegistryFailed
from ._desk import Desk
from ._errors import PipelineError
from ._landing import Draft, Tip, land, look, looked_at
from ._outcome import Outcome, Row
from ._overlay import Pin
from ._promoting import Intent, Step, steps
from ._together import both, side_by_side
from ._toolbox import Finished
from ._working import Edit

_AGAIN = "Run again to finish: nothing is copied twice"


@dataclass(frozen=True, slots=True)
class Planned:
    """A promotion that may happen: nothing stands in its way, and its overlays render what they should."""

    tip: Tip
    draft: Draft
    outcome: Outcome


async def plan(desk: Desk, intent: Intent) -> Planned:
    """Find out what a promotion would do, and make its edits on a clone.

    Raises:
        Refused: something stands in its way.
    """
    _, tip, found = await _look(desk, intent)
    draft = await desk.draft(tip, _edits(intent, found))
    return Planned(tip, draft, _outcome(intent, found, draft, dry_run=True))


async def promote(desk: Desk, intent: Intent) -> Outcome:
    """Carry out a promotion; a second run after any interruption ends in the same state.

    Raises:
        PipelineError: if something was copied before it failed, the message says what.
    """
    digests, tip, found = await _look(desk, intent)
    draft = await desk.draft(tip, _edits(intent, found))
    await _copy(desk, intent, found)

    async def prepare(current: Tip) -> Draft:
        if current is tip:
            return draft
        return await desk.draft(current, _edits(intent, _steps(intent, digests, current)))

    try:
        done, commit = await land(
            desk.remote,
            desk.author,
            tip,
            looked_at=looked_at(intent.description, intent.services, _environments(intent)),
            again=lambda: look(desk.remote, intent.description.manifests),
            prepare=prepare,
            message=lambda tip, done: desk.message("promote", intent.target.name, intent.origin, tip, done),
        )
    except PipelineError as error:
        raise _after_copying(error, found) from None
    return _outcome(intent, found, done, dry_run=False, commit=commit)


async def _look(desk: Desk, intent: Intent) -> tuple[dict[str, str], Tip, list[Step]]:
    """Ask the registry, read the branch, and decide what is to be done.

    Raises:
        Refused: something stands in the way. Of a version that was never built, those that were are named.
    """
    digests, tip = await both(desk.copier.digests(intent.references), look(desk.remote, intent.description.manifests))
    lacking = [service for service in intent.services if intent.from_first and intent.source(service) not in digests]
    repositories = [intent.source(service).rpartition(":")[0] for service in lacking]
    tags = await side_by_side(desk.copier.tags, repositories)
    names = [service.name for service in lacking]
    return digests, tip, _steps(intent, digests, tip, dict(zip(names, tags, strict=True)))


async def _copy(desk: Desk, intent: Intent, found: Sequence[Step]) -> None:
    """Copy what is missing, and see that every target has its digest.

    Raises:
        RegistryFailed: naming what was copied and what was not. Nothing is committed then.
    """
    missing = [step for step in found if step.copy]
    if not missing:
        return
    pairs = [(f"{step.source.rpartition(':')[0]}@{step.digest}", step.target) for step in missing]
    done = await desk.copier.copy(pairs)
    try:
        there = await desk.copier.digests(step.target for step in missing)
    except RegistryFailed as unasked:
        raise await _unconfirmed(desk, missing, done, unasked) from None
    failed = [step.service for step in missing if there.get(step.target) != step.digest]
    if failed:
        copied = ", ".join(step.service for step in missing if step.service not in failed) or "nothing"
        what = f"copying {', '.join(failed)} to {intent.target.name}"
        raise await desk.copier.failed(f"{what} (copied: {copied}; nothing was committed, run again)", done)


async def _unconfirmed(desk: Desk, missing: Sequence[Step], done: Finished, unasked: RegistryFailed) -> RegistryFailed:
    """Return the error of a registry that cannot be asked what it got: what counts is why, and crane's word."""
    said = await desk.copier.said(done)
    copied = _named([step for step in missing if step.target in said]) or "nothing"
    cause = unasked if done.succeeded else await desk.copier.failed("copying", done)
    return RegistryFailed(f"{cause}\nCopied, as far as crane says: {copied}; nothing was committed. {_AGAIN}")


def _after_copying(error: PipelineError, found: Sequence[Step]) -> PipelineError:
    """Add what is copied already to an error: it needs no clearing away."""
    copied = [step for step in found if step.copy]
    return type(error)(f"{error}\nCopied already: {_named(copied)}. {_AGAIN}") if copied else error


def _named(found: Sequence[Step]) -> str:
    return ", ".join(f"{step.service}: {step.target}@{step.digest}" for step in found)


def _outcome(intent: Intent, found: Sequence[Step], draft: Draft, *, dry_run: bool, commit: str = "") -> Outcome:
    return Outcome(
        verb="promote",
        version=intent.version,
        environment=intent.target.name,
        origin=intent.origin,
        dry_run=dry_run,
        changed=bool(draft.edits),
        rows=[Row(step.service, step.source, step.target, step.digest, step.copy, step.previous) for step in found],
        commit=commit,
        diff=draft.diff,
        rendered_diff=draft.rendered_diff,
    )


def _environments(intent: Intent) -> set[str]:
    """Return the environments whose overlays matter: what the first one runs does not, for it may be promoted."""
    return {intent.target.name} | {intent.origin} - {intent.description.first.name}


def _steps(
    intent: Intent, digests: Mapping[str, str], tip: Tip, tags: Mapping[str, Collection[str]] = MappingProxyType({})
) -> list[Step]:
    description = intent.description

    def pins(environment: str) -> dict[str, Pin | None]:
        return {
            service.name: tip.pin(service.name, description.overlay(service.name, environment))
            for service in intent.services
        }

    origin = pins(intent.origin) if intent.origin in _environments(intent) else {}
    return steps(intent, digests, origin, pins(intent.target.name), tags)


def _edits(intent: Intent, found: Sequence[Step]) -> list[Edit]:
    return [
        Edit(step.service, intent.description.overlay(step.service, intent.target.name), step.pin) for step in found
    ]
