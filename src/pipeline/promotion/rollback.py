"""Roll back: pin again what an environment ran before, by a commit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.description import Environment, Service
from pipeline.git import lately
from pipeline.overlays import FILES, InvalidOverlay, Pin

from .approval import check_approved
from .branch import Tip, read_branch
from .decide import Refused
from .draft import Draft, edit_of
from .explain import explain
from .interrupted import UNKNOWN, saying_if_interrupted
from .land import Change, land
from .outcome import Outcome, Row
from .push import pathspecs
from .rollback_target import Past, State, settled, target
from .workspace import Workspace

LATELY = 1000  # commits, whose trees come in no time; those of all that a large repository has take a second more

FIRST = "there is no promotion to roll back: build another version, or choose one of"


@dataclass(frozen=True, slots=True)
class Rollback:
    """Which environment and services go back, and to which tag; empty is what ran before the last change of any.

    With `instead_of` they go back only while they run just that, by service.
    """

    environment: Environment
    services: tuple[Service, ...]
    to: str = ""
    instead_of: Mapping[str, Pin | None] | None = None


async def rollback(workspace: Workspace, intent: Rollback, *, dry_run: bool, approved: str = "") -> Outcome:
    """Roll services back.

    Args:
        workspace: what to work with.
        intent: what is wanted.
        dry_run: say what would be done, and do nothing.
        approved: the digest of the plan that it has to be; empty if it may be any.

    Raises:
        InvalidInput: there is nothing to go back to.
        InvalidOverlay: an overlay cannot be read as it is now.
        Refused: the registry no longer has what there was, or it is not what was approved any more.
    """
    description, name = workspace.description, intent.environment.name
    tip, past = await _read(workspace, intent)
    _check_now(intent, tip)
    pins = await _pins(workspace, intent, past)
    edits = [edit_of(description, service, name, pin) for service, pin in pins.items() if pin != tip.pin(service, name)]
    first = await workspace.draft(tip, edits)
    plan = _plan(intent, tip, pins, first)
    check_approved(plan, approved)
    if workspace.explaining:
        plan = await explain(workspace, tip, plan)
    if dry_run:
        return plan

    async def prepare(current: Tip) -> Draft:
        if current is tip:
            return first
        _check_now(intent, current)
        draft = await workspace.draft(current, edits)
        check_approved(_plan(intent, current, pins, draft), approved)
        return draft

    change = Change(
        environments=[name],
        made_from=pathspecs(description, intent.services, {name}),
        prepare=prepare,
        message=lambda tip, done: workspace.message("rollback", tip, done, meant=len(intent.services)),
        report=lambda done, commit: replace(
            plan,
            dry_run=False,
            changed=bool(done.edits),
            commit=commit,
            diff=done.diff,
            rendered_diff=done.rendered_diff,
        ),
    )
    with saying_if_interrupted(lambda: f"{UNKNOWN}. If it is, a second rollback goes back further"):
        return await land(workspace, tip, change)


def _plan(intent: Rollback, tip: Tip, pins: State, draft: Draft) -> Outcome:
    """Return what would happen on a tip."""
    name = intent.environment.name
    changed = [edit.pin for edit in draft.edits]
    return Outcome(
        verb="rollback",
        version=", ".join(dict.fromkeys(pin.tag for pin in changed or pins.values())),
        environment=name,
        origin=name,
        dry_run=True,
        changed=bool(changed),
        rows=[_row(name, service, pin, tip.pin(service, name)) for service, pin in pins.items()],
        diff=draft.diff,
        rendered_diff=draft.rendered_diff,
    )


def _check_now(intent: Rollback, tip: Tip) -> None:
    """Refuse to go back from something else than is meant.

    Raises:
        Refused: others changed it; the message says of which services.
    """
    if intent.instead_of is None:
        return
    name = intent.environment.name
    if changed := [service for service, pin in intent.instead_of.items() if tip.pin(service, name) != pin]:
        msg = f"{', '.join(changed)} in {name} was changed by others meanwhile: see `history`"
        raise Refused(msg)


async def _read(workspace: Workspace, intent: Rollback) -> tuple[Tip, Past]:
    """Return the branch, and what the services ran there: lately, or ever where that does not decide."""
    description, name = workspace.description, intent.environment.name
    services = [service.name for service in intent.services]
    overlays = [description.overlay(service, name) for service in services]
    files = [f"{overlay}/{file}" for overlay in overlays for file in FILES]  # one may have been renamed
    depth = 0 if workspace.explaining else LATELY
    while True:
        tip = await read_branch(workspace.remote, description, depth=depth)
        held, whole = await lately(workspace.remote, tip.clone, files)
        states: list[State] = [
            {service: pin for service in services if (pin := _pin(replace(tip, files=each.files), service, name))}
            for each in held
        ]
        # A server may have no more than it gave.
        past = Past(states, [each.promoted for each in held], whole or not depth)
        if settled(services, past, intent.to):
            return tip, past
        depth = 0


async def _pins(workspace: Workspace, intent: Rollback, past: Past) -> State:
    """Choose what each service goes back to, and see that the registry still has it."""
    services = [service.name for service in intent.services]
    chosen = target(services, intent.environment.name, past, intent.to)
    references = {service: f"{pin.repository}@{pin.digest}" for service, pin in chosen.items()}
    there = await workspace.copier.digests(references.values())
    gone = [f"{service}: {chosen[service].reference}" for service, where in references.items() if where not in there]
    if gone:
        msg = f"the registry no longer has {'; '.join(gone)}: choose another version with --to, or promote one"
        raise Refused(msg)
    return chosen


def _pin(tip: Tip, service: str, environment: str) -> Pin | None:
    """Return what an old state of an overlay pinned, in the repository of today; None if no promotion did.

    Repositories move, with a registry or a project's name: what was there is the same as long as the digest is.
    """
    try:
        pin = tip.pin(service, environment)
    except InvalidOverlay:
        return None
    repository = tip.description.repository_of(service, environment)
    return replace(pin, repository=repository) if pin and pin.tag and pin.digest else None


def _row(environment: str, service: str, pin: Pin, now: Pin | None) -> Row:
    reference = f"{pin.repository}:{pin.tag}"
    return Row(
        service,
        reference,
        reference,
        pin.digest,
        copied=False,
        previous=now.tag if now else "",
        running=now.reference if now else "",
        environment=environment,
        origin=environment,
    )
