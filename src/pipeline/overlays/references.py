"""Check the images that an overlay renders to."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from .kustomization import InvalidOverlay, Pin

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # texts alone: any custom resource can be read
_IMAGE = re.compile(r"""^\s*(?:- )?image: +["']?([^\s"']+)["']?\s*$""", re.MULTILINE)


def check_rendered(service: str, pin: Pin, rendered: str, path: str) -> None:
    """Refuse a rendered overlay that does not hold exactly the pinned reference.

    kustomize says nothing when no image of the base matches, or stands where it looks for none; this does.

    Args:
        service: the name of the `images:` entry.
        pin: what that entry pins.
        rendered: the manifests.
        path: where the overlay is, for messages.

    Raises:
        InvalidOverlay: naming what it holds instead, and the resource if kustomize does not know its image.
    """
    images = set(_IMAGE.findall(rendered))
    if any(_is_named(service, image) for image in images):
        _check_names(service, rendered, path)
    others = {image for image in images - {pin.reference} if _is_named(pin.repository, image)}
    if pin.reference not in images or others:
        held = ", ".join(sorted(images)) or "no image"
        msg = f"{path} renders {held} instead of {pin.reference}: its base must name the image as images: does"
        raise InvalidOverlay(msg)


def _is_named(name: str, image: str) -> bool:
    """Tell whether a reference is of a name, whatever its tag or digest."""
    return re.match(re.escape(name) + "(?:[:@]|$)", image) is not None


def _check_names(service: str, rendered: str, path: str) -> None:
    """Refuse images that are still called as the entry is: kustomize changes those alone that it knows."""
    for resource in yaml.load_all(rendered, _LOADER):
        for field, image in _images(resource, ""):
            if _is_named(service, image):
                kind, name = resource.get("kind"), resource.get("metadata", {}).get("name")
                msg = (
                    f"{path} renders {kind} {name} with image: {image} at {field}, where kustomize looks for none: "
                    f"name a file under configurations: that says images: [{{kind: {kind}, path: {field}}}]"
                )
                raise InvalidOverlay(msg)


def _images(node: Any, path: str) -> Iterator[tuple[str, str]]:
    """Return all texts under a key `image`, each with its path as kustomize's fieldSpecs have it."""
    if isinstance(node, dict):
        for key, value in node.items():
            field = f"{path}/{key}".removeprefix("/")
            if key == "image" and isinstance(value, str):
                yield field, value
            yield from _images(value, field)
    elif isinstance(node, list):
        for item in node:
            yield from _images(item, path)
