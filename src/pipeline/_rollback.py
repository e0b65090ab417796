"""Roll back: pin again what an environment ran before, by a commit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ._description import Environment, Service
from ._desk import Desk
from ._history import State, target
from ._landing import Draft, Tip, land, look, looked_at
from ._outcome import Outcome, Row
from ._overlay import FILE, InvalidOverlay, Pin, pinned
from ._past import past
from ._promoting import Refused
from ._working import Edit

FIRST = "there is no promotion to roll back: build another version, or choose one of"


@dataclass(frozen=True, slots=True)
class Back:
    """Which environment and services go back, and to which tag; empty is what ran before the last change of any."""

    environment: Environment
    services: tuple[Service, ...]
    to: str = ""


async def rollback(desk: Desk, back: Back, *, dry_run: bool) -> Outcome:
    """Roll services back.

    Raises:
        InvalidInput: there is nothing to go back to.
        InvalidOverlay: an overlay cannot be read as it is now.
        Refused: the registry no longer has what there was.
    """
    description, name = desk.description, back.environment.name
    overlays = {service.name: description.overlay(service.name, name) for service in back.services}
    tip = await look(desk.remote, description.manifests, depth=0)
    now = {service: tip.pin(service, overlay) for service, overlay in overlays.items()}
    pins = await _pins(desk, back, overlays, tip)
    edits = [Edit(service, overlays[service], pin) for service, pin in pins.items() if pin != now[service]]
    done, commit = await desk.draft(tip, edits), ""
    if not dry_run:
        first = done

        async def prepare(current: Tip) -> Draft:
            return first if current is tip else await desk.draft(current, edits)

        done, commit = await land(
            desk.remote,
            desk.author,
            tip,
            looked_at=looked_at(description, back.services, {name}),
            again=lambda: look(desk.remote, description.manifests),
            prepare=prepare,
            message=lambda tip, done: desk.message("rollback", name, "", tip, done),
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


async def _pins(desk: Desk, back: Back, overlays: Mapping[str, str], tip: Tip) -> State:
    """Choose what each service goes back to, and see that the registry still has it."""
    name = back.environment.name
    files = {service: f"{overlay}/{FILE}" for service, overlay in overlays.items()}
    places = {file: desk.description.repository_of(service, name) for service, file in files.items()}
    history = [
        {service: pin for service, file in files.items() if (pin := _pin(service, texts.get(file), file, places[file]))}
        for texts in await past(desk.tools, tip.clone, list(files.values()))
    ]
    chosen = target(list(files), name, history, back.to)
    references = {service: f"{pin.repository}@{pin.digest}" for service, pin in chosen.items()}
    there = await desk.copier.digests(references.values())
    gone = [f"{service}: {chosen[service].reference}" for service, where in references.items() if where not in there]
    if gone:
        msg = f"the registry no longer has {'; '.join(gone)}: choose another version with --to, or promote one"
        raise Refused(msg)
    return chosen


def _pin(service: str, text: str | None, file: str, repository: str) -> Pin | None:
    """Return what an old state of an overlay pinned, in the repository of today; None if no promotion did.

    Repositories move, with a registry or a project's name: what was there is the same as long as the digest is.
    """
    try:
        pin = pinned(service, text, file)
    except InvalidOverlay:
        return None
    return replace(pin, repository=repository) if pin and pin.tag and pin.digest else None


def _row(service: str, pin: Pin, now: Pin | None) -> Row:
    reference = f"{pin.repository}:{pin.tag}"
    return Row(service, reference, reference, pin.digest, copied=False, previous=now.tag if now else "")
