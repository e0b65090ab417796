"""Read what an overlay pins, and what it renders to."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from pipeline.errors import PipelineError, shown
from pipeline.registry import is_address

from .nodes import LOADER

FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")  # the names that kustomize knows

_TAG = re.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")  # by the OCI distribution specification
_DIGEST = re.compile("sha256:[0-9a-f]{64}")


class InvalidOverlay(PipelineError):
    """An overlay that cannot be read, or renders something else than it pins."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What an environment runs of a service: the repository, and its tag, the digest or both."""

    repository: str
    tag: str
    digest: str = ""

    @property
    def reference(self) -> str:
        """The full reference, as a rendered manifest shows it."""
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


@dataclass(frozen=True, slots=True)
class Edit:
    """What one overlay is to pin for its service."""

    environment: str
    service: str
    image: str  # the name of its `images:` entry
    overlay: str
    pin: Pin

    @property
    def place(self) -> str:
        """The environment and the service, as a file's name."""
        return f"{self.environment}.{self.service}"

    @property
    def entry(self) -> dict[str, str]:
        """The entry under `images:`, as `kustomize edit set image` writes it."""
        values = {"newName": self.pin.repository, "newTag": self.pin.tag, "digest": self.pin.digest}
        return {"name": self.image} | {key: value for key, value in values.items() if value}


def file_of(files: Collection[str], overlay: str) -> str:
    """Return the path of an overlay's file, of all there are; that of kustomization.yaml if it has none.

    Raises:
        InvalidOverlay: it has two.
    """
    found = [path for name in FILES if (path := f"{overlay}/{name}") in files]
    if len(found) > 1:
        msg = f"{overlay} has {' and '.join(path.rpartition('/')[2] for path in found)}: keep one, kustomize takes one"
        raise InvalidOverlay(msg)
    return found[0] if found else f"{overlay}/{FILES[0]}"


def pinned(image: str, text: str | None, path: str) -> Pin | None:
    """Return what an overlay's kustomization.yaml pins for an image; None if it pins nothing.

    What it pins becomes part of commits, reports and commands, so nothing else than a repository, a tag and a digest
    is taken for one.

    Args:
        image: the name of the `images:` entry.
        text: the file's content; None if there is no such file.
        path: where it is, for messages.

    Raises:
        InvalidOverlay: it is missing or no such file, has no `images:` entry of the name, or one with such values.
    """
    if text is None:
        msg = f"{path} is missing: add it, see the other overlays"
        raise InvalidOverlay(msg)
    entry = _entry(image, _document(text), path)
    repository, tag, digest = (str(entry.get(key) or "") for key in ("newName", "newTag", "digest"))
    problem = ""
    if repository and not is_address(repository):
        problem = f"newName: {shown(repository)} for {image}, which is no image repository"
    elif tag and not _TAG.fullmatch(tag):
        problem = f"newTag: {shown(tag)} for {image}, which is no tag"
    elif digest and not _DIGEST.fullmatch(digest):
        problem = f"digest: {shown(digest)} for {image}, which is not sha256: and 64 digits"
    if problem:
        msg = f"{path} has {problem}: correct it"
        raise InvalidOverlay(msg)
    return Pin(repository, tag, digest) if repository and (tag or digest) else None


def _entry(image: str, document: Any, path: str) -> Mapping[str, Any]:
    """Return an image's entry under `images:`."""
    if not isinstance(document, dict):
        msg = f"{path} is no mapping in YAML: correct it, see the other overlays"
        raise InvalidOverlay(msg)
    images = document.get("images")
    entries = images if isinstance(images, list) else []
    if any(not isinstance(entry, dict) or not entry.get("name") for entry in entries):
        msg = f"{path} has an entry under images: without name: add it, or remove the entry"
        raise InvalidOverlay(msg)
    found: list[Mapping[str, Any]] = [entry for entry in entries if entry["name"] == image]
    if len(found) != 1:
        todo = "keep one" if found else "add it, see the other overlays"
        msg = f"{path} must have one entry under images: with name: {image}, not {len(found) or 'none'}: {todo}"
        raise InvalidOverlay(msg)
    return found[0]


def namespace(text: str) -> str:
    """Return what a kustomization.yaml says the namespace is; empty if it does not."""
    document = _document(text)
    found = document.get("namespace") if isinstance(document, dict) else None
    return found if isinstance(found, str) else ""


def _document(text: str) -> Any:
    try:
        return yaml.load(text, Loader=LOADER)  # noqa: S506  it is a safe loader
    except (yaml.YAMLError, RecursionError, ValueError):  # a date that is none is a ValueError
        return None
