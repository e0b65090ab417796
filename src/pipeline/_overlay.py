"""Read what an overlay pins, and what it renders to."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from ._errors import PipelineError

FILE = "kustomization.yaml"

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there
_IMAGE = re.compile(r"""^\s*(?:- )?image: +["']?([^\s"']+)["']?\s*$""", re.MULTILINE)


class InvalidOverlay(PipelineError):
    """An overlay that cannot be read, or renders something else than it pins."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What an environment runs of a service: the repository, its tag, and the digest if there is one."""

    repository: str
    tag: str
    digest: str = ""

    @property
    def reference(self) -> str:
        """The full reference, as a rendered manifest shows it."""
        return f"{self.repository}:{self.tag}" + (f"@{self.digest}" if self.digest else "")


def pinned(service: str, text: str, path: str) -> Pin | None:
    """Return what an overlay's kustomization.yaml pins for a service; None if it pins nothing.

    Raises:
        InvalidOverlay: it is no such file, or has no `images:` entry for the service.
    """
    try:
        entries = [entry for entry in _document(text)["images"] if entry["name"] == service]
    except (TypeError, KeyError):
        entries = []
    if len(entries) != 1:
        msg = f"{path} must have one entry under images: with name: {service}; add it, see the other overlays"
        raise InvalidOverlay(msg)
    entry = entries[0]
    values = [str(entry.get(key) or "") for key in ("newName", "newTag", "digest")]
    return Pin(*values) if values[0] and (values[1] or values[2]) else None


def namespace(text: str) -> str:
    """Return what a kustomization.yaml says the namespace is; empty if it does not."""
    document = _document(text)
    found = document.get("namespace") if isinstance(document, dict) else None
    return found if isinstance(found, str) else ""


def _document(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506  it is a safe loader
    except (yaml.YAMLError, RecursionError):
        return None


def check_rendered(pin: Pin, rendered: str, path: str) -> None:
    """Refuse a rendered overlay that does not hold exactly the pinned reference.

    kustomize says nothing when no image of the base matches; this does.

    Raises:
        InvalidOverlay: naming what it holds instead.
    """
    images = set(_IMAGE.findall(rendered))
    others = {image for image in images - {pin.reference} if re.match(re.escape(pin.repository) + "(?:[:@]|$)", image)}
    if pin.reference not in images or others:
        held = ", ".join(sorted(images)) or "no image"
        msg = f"{path} renders {held} instead of {pin.reference}: its base must name the image as images: does"
        raise InvalidOverlay(msg)
