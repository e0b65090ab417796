"""The gates before a promotion: an environment that is frozen, and a version that has not run long enough."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pipeline.description import Environment
from pipeline.git import Dated, dated_contents
from pipeline.overlays import FILES, InvalidOverlay, Pin
from pipeline.surface import spoken

from .branch import Tip, read_branch
from .decide import Refused
from .intent import Intent
from .workspace import Workspace


async def check_gates(workspace: Workspace, intents: Sequence[Intent]) -> None:
    """Refuse a promotion whose time has not come, unless it is forced.

    Raises:
        Refused: an environment is frozen, or a version has not run long enough in the one before; with what remains.
    """
    now, problems = datetime.now(UTC), []
    for intent in intents:
        if not intent.force:
            problems += frozen(intent.target, now)
            problems += unsoaked(intent, await _since(workspace, intent), now) if intent.target.soak else []
    if problems:
        raise Refused("\n".join([*problems, "To promote all the same, give --force with a --reason"]))


def frozen(target: Environment, now: datetime) -> list[str]:
    """Return a line for each window of an environment that a moment is in."""
    problems = []
    for freeze in target.frozen:
        if end := freeze.until(now):
            until = f"{end:%Y-%m-%d %H:%M} {freeze.zone}"
            problems.append(f"{target.name} is frozen until {until} ({freeze.reason}): {spoken(end - now)} remain")
    return problems


def unsoaked(intent: Intent, since: Mapping[str, datetime | None], now: datetime) -> list[str]:
    """Return a line for each service that has not run long enough where it is promoted from.

    Args:
        intent: what is wanted.
        since: when each service's environment began to run the version; None if it does not.
        now: the moment.
    """
    origin, soak = intent.origin, intent.target.soak
    problems = []
    for service, begin in since.items():
        version = intent.version_of(service) or "it"
        ran = max(now - begin, timedelta()) if begin else timedelta()
        if not begin:
            rule = f"which has to run there for {spoken(soak)} first"
            problems.append(f"{service}: {origin} does not run {version}, {rule}")
        elif ran < soak:
            has = f"has run {version} since {begin:%Y-%m-%d %H:%M} UTC"
            problems.append(f"{service}: {origin} {has}: {spoken(soak - ran)} of {spoken(soak)} remain")
    return problems


def runs_since(version: str, states: Sequence[tuple[datetime, Pin | None]]) -> datetime | None:
    """Return when an environment began to run the version that it runs; None if it runs another one.

    An image updater pins a tag alone, so that what counts is the tag, and a digest only where both have one.

    Args:
        version: the version; empty is whatever it runs.
        states: what it pinned after each commit, oldest first.
    """
    last = states[-1][1] if states else None
    if not last or (version and last.tag != version):
        return None
    begin = None
    for moment, pin in reversed(states):
        if not pin or pin.tag != last.tag or (pin.digest and last.digest and pin.digest != last.digest):
            break
        begin = moment
    return begin


async def _since(workspace: Workspace, intent: Intent) -> dict[str, datetime | None]:
    """Read from the branch's history when the environment promoted from began to run the version, by service."""
    description = intent.description
    tip = await read_branch(workspace.remote, description, depth=0)
    overlays = {service.name: description.overlay(service.name, intent.origin) for service in intent.services}
    files = [f"{overlay}/{file}" for overlay in overlays.values() for file in FILES]
    history = await dated_contents(workspace.remote, tip.clone, files)
    return {
        service: runs_since(intent.version_of(service), _states(tip, history, service, intent.origin))
        for service in overlays
    }


def _states(tip: Tip, history: Sequence[Dated], service: str, environment: str) -> list[tuple[datetime, Pin | None]]:
    def pin(files: Mapping[str, str]) -> Pin | None:
        try:
            return Tip(tip.description, tip.clone, files).pin(service, environment)
        except InvalidOverlay:
            return None

    return [(state.time, pin(state.files)) for state in history]
