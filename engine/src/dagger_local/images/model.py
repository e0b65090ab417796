"""What an image is to the rest of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagger_local.store.tree import Layer, Tree


@dataclass(frozen=True, slots=True)
class Image:
    """An image in the engine's storage; `layers` are overlay directories, lowest first, ready to be lowerdirs."""

    id: str
    layers: tuple[Path, ...]
    config: Mapping[str, Any]
    """The whole OCI image configuration: architecture, os, config, rootfs, history, created."""
    digest: str
    """The manifest's digest it was pulled as; empty when it was built here."""
    reference: str
    """The canonical name it was found under, such as docker.io/library/alpine:3.20.2."""
    stand_in: bool = False


@dataclass(frozen=True, slots=True)
class RegistryAuth:
    """Credentials for one registry."""

    address: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Assembled:
    """An image to be written: a base (None is scratch), overlay upper directories on top, the final `config` section.

    In upper directories deletions are 0/0 devices, and opaque directories carry the overlay's own attribute.
    `created`, seconds since 1970, is the time of the image and of all that is in the layers on top; None leaves files
    the times that they have.
    """

    base: Image | None
    layers: tuple[Path, ...]
    config: Mapping[str, Any]
    annotations: Mapping[str, str]
    platform: str
    created: int | None = None


def image_tree(image: Image | None) -> Tree:
    """Return an image's layers as a tree; a layer's folder in the image storage is named for its content."""
    return tuple(Layer(path.parent.name, path) for path in image.layers) if image else ()
