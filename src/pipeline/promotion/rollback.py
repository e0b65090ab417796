"""Roll back: pin again what an environment ran before, by a commit."""

from dataclasses import dataclass, replace

from pipeline.description import Environment, Service
from pipeline.git import contents_before
from pipeline.overlays import FILES, InvalidOverlay, Pin

from .branch import Tip, read_branch
from .decide import Refused
from .draft import Draft, edit_of
from .outcome import Outcome, Row
from .push import pathspecs, push
from .rollback_target import State, target
from .workspace import Workspace

FIRST = "there is no promotion to roll back: build another version, or choose one of"


@dataclass(frozen=True, slots=True)
class Rollback:
    """Which environment and services go back, and to which tag; empty is what ran before the last change of any."""

    environment: Environment
    services: tuple[Service, ...]
    to: str = ""


async def rollback(workspace: Workspace, intent: Rollback, *, dry_run: bool) -> Outcome:
    """Roll services intent.

    Raises:
        InvalidInput: there is nothing to go back to.
        InvalidOverlay: an overlay cannot be read as it is now.
        Refused: the registry no longer has what there was.
    """
    description, name = workspace.description, intent.environment.name
    tip = await read_branch(workspace.remote, description, depth=0)
    now = {service.name: tip.pin(service.name, name) for service in intent.services}
    pins = await _pins(workspace, intent, tip)
    edits = [edit_of(description, service, name, pin) for service, pin in pins.items() if pin != now[service]]
    done, commit = await workspace.draft(tip, edits), ""
    if not dry_run:
        first = done

        async def prepare(current: Tip) -> Draft:
            return first if current is tip else await workspace.draft(current, edits)

        done, commit = await push(
            workspace,
            tip,
            made_from=pathspecs(description, intent.services, {name}),
            prepare=prepare,
            message=lambda tip, done: workspace.message("rollback", name, "", tip, done, meant=len(intent.services)),
        )
    return Outcome(
        verb="rollback",
        version=", ".join(dict.fromkeys(pin.tag for pin in [edit.pin for edit in edits] or pins.values())),
        environment=name,
        origin=name,
        dry_run=dry_run,
        changed=bool(done.edits),
        rows=[_row(service, pin, now[service]) for service, pin in pins.items()],
        commit=commit,
        diff=done.diff,
        rendered_diff=done.rendered_diff,
    )


async def _pins(workspace: Workspace, intent: Rollback, tip: Tip) -> State:
    """Choose what each service goes back to, and see that the registry still has it."""
    description, name = workspace.description, intent.environment.name
    services = [service.name for service in intent.services]
    overlays = [description.overlay(service, name) for service in services]
    files = [f"{overlay}/{file}" for overlay in overlays for file in FILES]  # one may have been renamed
    history = [
        {service: pin for service in services if (pin := _pin(replace(tip, files=texts), service, name))}
        for texts in await contents_before(workspace.tools, tip.clone, files)
    ]
    chosen = target(services, name, history, intent.to)
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


def _row(service: str, pin: Pin, now: Pin | None) -> Row:
    reference = f"{pin.repository}:{pin.tag}"
    return Row(service, reference, reference, pin.digest, copied=False, previous=now.tag if now else "")
