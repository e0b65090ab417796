"""What is wanted of a promotion, checked against the description."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.description import Description, Environment, Service
from pipeline.errors import InvalidInput
from pipeline.registry import check_tag


@dataclass(frozen=True, slots=True)
class Intent:
    """What one environment is to run.

    `version` is empty where each service gets what the environment promoted from runs of it: that is in `versions`
    then, by service, once it is known. `skipped` are the environments that were to have it before.
    """

    description: Description
    version: str
    target: Environment
    services: tuple[Service, ...]
    force: bool = False
    skipped: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The environment that is promoted from."""
        return self.target.promotes_from

    @property
    def from_first(self) -> bool:
        """Tell whether the environment that is promoted from is the one that receives builds."""
        return self.origin == self.description.first.name

    def version_of(self, service: str) -> str:
        """Return the version of a service."""
        return self.versions.get(service, self.version)

    def source(self, service: Service) -> str:
        """Return where a service's image is copied from."""
        return self.description.reference(service.name, self.origin, self.version_of(service.name))

    def destination(self, service: Service) -> str:
        """Return where a service's image is copied to."""
        return self.description.reference(service.name, self.target.name, self.version_of(service.name))

    @property
    def references(self) -> list[str]:
        """All sources and destinations."""
        return [
            reference for service in self.services for reference in (self.source(service), self.destination(service))
        ]

    @property
    def environments(self) -> set[str]:
        """The environments whose overlays matter: what the first one runs does not, for any build may be promoted."""
        return {self.target.name} | {self.origin} - {self.description.first.name}


def target_environment(
    description: Description,
    name: str,
    instead: str = "nothing is promoted to it: use build --push, or promote to one of",
) -> Environment:
    """Return the environment to promote to, or to do something else with that only a promotion's target knows.

    Raises:
        InvalidInput: there is none of that name, or it is the first one.
    """
    environment = description.environment(name)
    if not environment.promotes_from:
        others = ", ".join(other.name for other in description.environments[1:]) or "none yet"
        msg = f"{name} receives builds, {instead} {others}"
        raise InvalidInput(msg)
    return environment


def intend(
    description: Description,
    version: str,
    targets: Sequence[str],
    services: Sequence[str],
    *,
    origin: str = "",
    force: bool = False,
) -> list[Intent]:
    """Check what is wanted against the description.

    Args:
        description: what there is.
        version: what is promoted; empty for what the environment promoted from runs.
        targets: which environments are promoted to.
        services: which services; none means all of them.
        origin: the environment to promote from, if not from the one before.
        force: whether the environment before may be skipped.

    Raises:
        InvalidInput: there is no such environment or service, or nothing is promoted to it, or not from there.
    """
    if version:
        check_tag(version)
    names = list(dict.fromkeys(targets))
    environments = [target_environment(description, name) for name in names]
    if not environments:
        msg = f"name an environment to promote to: {', '.join(other.name for other in description.environments[1:])}"
        raise InvalidInput(msg)
    chosen = description.select(services)
    found = [_intent(description, version, target, chosen, origin, force=force) for target in environments]
    for intent in found:
        if intent.origin in names:
            name = intent.target.name
            msg = f"{name} promotes from {intent.origin}, which is to change as well: do one after the other"
            raise InvalidInput(msg)
    return found


def _intent(
    description: Description,
    version: str,
    target: Environment,
    services: tuple[Service, ...],
    origin: str,
    *,
    force: bool,
) -> Intent:
    before = target.promotes_from
    if not origin or origin == before:
        return Intent(description, version, target, services, force)
    if description.environment(origin).name == target.name:
        msg = f"--from {origin} is the environment that is promoted to: choose another, or leave it out for {before}"
        raise InvalidInput(msg)
    skipped = _between(description, before, origin)
    if not force:
        msg = (
            f"{target.name} is promoted to from {before}: --from {origin} skips {', '.join(skipped)}, "
            f"which needs --force and a --reason"
        )
        raise InvalidInput(msg)
    return Intent(description, version, replace(target, promotes_from=origin), services, force, skipped)


def _between(description: Description, before: str, origin: str) -> tuple[str, ...]:
    """Return the environments on the way from one to another; the last one alone if that is not on its way."""
    way, name = [before], description.environment(before).promotes_from
    while name and name != origin:
        way.append(name)
        name = description.environment(name).promotes_from
    return tuple(reversed(way)) if name else (before,)


def check_force(force: bool, reason: str) -> None:
    """Refuse to force without a reason.

    Raises:
        InvalidInput: the reason is missing.
    """
    if force and not reason:
        msg = "--force needs a --reason: it is written into the commit"
        raise InvalidInput(msg)
