"""What runs, as an overlay says it: which image that is in the registry of today."""

from dataclasses import dataclass

from .branch import Tip


@dataclass(frozen=True, slots=True)
class Running:
    """What an environment runs of a service: `version` is the tag, `image` the reference, by digest if known."""

    service: str
    environment: str
    version: str
    image: str


def running(tip: Tip, service: str, environment: str) -> Running | None:
    """Return what an environment runs of a service; None if it runs nothing.

    Raises:
        InvalidOverlay: there is no such overlay, or it cannot be read.
    """
    pin = tip.pin(service, environment)
    if not pin or not (pin.tag or pin.digest):
        return None
    repository = tip.description.repository_of(service, environment)
    where = f"@{pin.digest}" if pin.digest else f":{pin.tag}"
    return Running(service, environment, pin.tag, f"{repository}{where}")
