"""Decide what a promotion does, from what the registry and the overlays hold. Nothing happens here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.description import Service
from pipeline.errors import PipelineError
from pipeline.overlays import Pin
from pipeline.registry import is_release, newest_first

from .intent import Intent

_LISTED = 5  # versions, of those that could be promoted instead


class Refused(PipelineError):
    """A promotion that must not happen."""


@dataclass(frozen=True, slots=True)
class Step:
    """One service's part: its image's way from one reference to another, and what ran before, its tag and all."""

    environment: str
    service: str
    source: str
    target: str
    digest: str
    copy: bool
    previous: str
    running: str = ""

    @property
    def pin(self) -> Pin:
        """What the target's overlay is to pin."""
        repository, _, tag = self.target.rpartition(":")
        return Pin(repository, tag, self.digest)


def versions(intent: Intent, running: Mapping[str, Pin | None]) -> dict[str, str]:
    """Return the version of each service that an environment runs, to be promoted as they are.

    Args:
        intent: what is wanted: of which services.
        running: what the overlays of the environment promoted from pin, by service.

    Raises:
        Refused: a line for each service that runs no release there.
    """
    found = {name: pin.tag if pin else "" for name, pin in running.items()}
    problems = [
        f"{name}: {intent.origin} runs {tag or 'no version'}, which is no release: "
        f"give --version, or leave it out with --services"
        for name, tag in found.items()
        if not is_release(tag)
    ]
    if problems:
        raise Refused("\n".join(problems))
    return found


def steps(
    intent: Intent,
    digests: Mapping[str, str],
    sources: Mapping[str, Pin | None],
    targets: Mapping[str, Pin | None],
    tags: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[Step]:
    """Decide each service's step.

    Args:
        intent: what is wanted.
        digests: what the registry has, by reference; what it lacks is not in there.
        sources: what the overlays of the environment promoted from pin, by service; of the first one it does not
            matter, unless it is what is promoted.
        targets: the same of the environment promoted to.
        tags: what else there is of services that the first environment lacks, by service: it is told.

    Raises:
        Refused: a line for each service that stands in the way.
    """
    problems = [
        problem
        for service in intent.services
        for problem in _problems(
            intent, service, digests, (sources.get(service.name), targets[service.name]), tags.get(service.name, ())
        )
    ]
    if problems:
        raise Refused("\n".join(problems))
    result = []
    for service in intent.services:
        source, destination = intent.source(service), intent.destination(service)
        now = targets[service.name]
        result.append(
            Step(
                intent.target.name,
                service.name,
                source,
                destination,
                digests[source],
                copy=destination not in digests,
                previous=now.tag if now else "",
                running=now.reference if now else "",
            )
        )
    return result


def way_back(environment: str, version: str, services: Sequence[str]) -> str:
    """Return the call that lets services go back to a version that they ran in an environment."""
    return f"rollback --target-env {environment} --to {version} --services {','.join(services)}"


def _build_first(version: str, tags: Collection[str]) -> str:
    known = newest_first(tags)
    more = ", …" if len(known) > _LISTED else ""
    instead = f", or choose one of {', '.join(known[:_LISTED])}{more}" if known else ""
    return f"build --tag {version} --push first{instead}"


def _ran(intent: Intent, service: str, there: bool, now: Pin | None) -> str:
    """Say what to do about a version that ran in the target, for it need not go the whole way again; else nothing.

    Args:
        intent: what is wanted.
        service: of which service.
        there: the target's repository has the version's image.
        now: what the target runs.
    """
    target, version = intent.target.name, intent.version_of(service)
    if now and now.tag == version:
        return f"{target} runs {version} already, leave it out with --services"
    if there:
        return f"{target} has {version} from before, use {way_back(target, version, [service])}"
    return ""


def _running(pin: Pin | None, version: str) -> str:
    if pin is None or not pin.tag:
        return f"runs no version, not {version}"
    return f"runs {pin.tag}, not {version}" if pin.digest else f"pins {pin.tag} without a digest, as no promotion does"


def _problems(
    intent: Intent,
    service: Service,
    digests: Mapping[str, str],
    pins: tuple[Pin | None, Pin | None],
    tags: Collection[str],
) -> Iterable[str]:
    """Say what stands in a service's way; the pins are those of the environment promoted from, and of the target."""
    name, version, origin = service.name, intent.version_of(service.name), intent.origin
    source, destination = intent.source(service), intent.destination(service)
    pin, now = pins
    first = intent.from_first
    ran = _ran(intent, name, destination in digests, now)
    if not first and not intent.force and (pin is None or pin.tag != version or not pin.digest):
        yield f"{name}: {origin} {_running(pin, version)}: {ran or f'promote {version} to {origin} first'}"
    elif source not in digests:
        step = ran or (_build_first(version, tags) if first else f"promote it to {origin} first")
        yield f"{name}: {origin} has no image {source}: {step}"
    elif pin and pin.digest not in ("", digests[source]) and not (intent.version and (first or intent.force)):
        yield (
            f"{name}: {origin} runs {version} as {pin.digest}, but the registry has {digests[source]} under that tag: "
            f"release a new version{', or give --force with a --reason' if intent.version else ''}"
        )
    elif destination in digests and digests[destination] != digests[source]:
        yield (
            f"{name}: {destination} is there already as {digests[destination]}, not {digests[source]}: "
            f"a tag is never overwritten, release a new version"
        )
