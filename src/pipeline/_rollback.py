"""Roll back: pin again what an environment ran before, by a commit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ._description import Environment, Service
from ._desk import Desk
from ._history import target
from ._landing import Draft, Tip, land, look, looked_at
from ._outcome import Outcome, Row
from ._overlay import FILE, InvalidOverlay, Pin, pinned
from ._past import past
from ._promoting import Refused
from ._working import Edit


@dataclass(frozen=True, slots=True)
class Back:
    """Which environment and services go back, and to which tag; empty is the version before."""

    environment: Environment
    services: tuple[Service, ...]
    to: str = ""


async def rollback(desk: Desk, back: Back, *, dry_run: bool) -> Outcome:
    """Roll services back.

    Raises:
        InvalidInput: there is nothing to go back to.
        Refused: the registry no longer has what there was.
    """
    description, name = desk.description, back.environment.name
    overlays = {service.name: description.overlay(service.name, name) for service in back.services}
    tip = await look(desk.remote, description.manifests, depth=0)
    pins = await _pins(desk, back, overlays, tip)
    edits = [Edit(service, overlays[service], pin) for service, pin in pins.items()]
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
        version=", ".join(dict.fromkeys(pin.tag for pin in pins.values())),
        environment=name,
        origin=name,
        dry_run=dry_run,
        changed=bool(done.edits),
        rows=[_row(service, pin, tip.pin(service, overlays[service])) for service, pin in pins.items()],
        commit=commit,
        diff=done.diff,
        rendered_diff=done.rendered_diff,
    )


async def _pins(desk: Desk, back: Back, overlays: Mapping[str, str], tip: Tip) -> dict[str, Pin]:
    """Choose what each service goes back to, and see that the registry still has it."""
    files = {service: f"{overlay}/{FILE}" for service, overlay in overlays.items()}
    texts = await past(desk.tools, tip.clone, list(files.values()))
    chosen = {}
    for service, file in files.items():
        history = [_pin(service, text, file) for text in texts[file]]
        pin = target(service, back.environment.name, history, back.to)
        chosen[service] = replace(pin, repository=desk.description.repository_of(service, back.environment.name))
    references = {service: f"{pin.repository}@{pin.digest}" for service, pin in chosen.items()}
    there = await desk.copier.digests(references.values())
    gone = [f"{service}: {chosen[service].reference}" for service, where in references.items() if where not in there]
    if gone:
        msg = f"the registry no longer has {'; '.join(gone)}: choose another version with --to, or promote one"
        raise Refused(msg)
    return chosen


def _pin(service: str, text: str, file: str) -> Pin | None:
    """Return what an old state of an overlay pinned; one that cannot be read pinned nothing."""
    try:
        return pinned(service, text, file)
    except InvalidOverlay:
        return None


def _row(service: str, pin: Pin, now: Pin | None) -> Row:
    reference = f"{pin.repository}:{pin.tag}"
    return Row(service, reference, reference, pin.digest, copied=False, previous=now.tag if now else "")
