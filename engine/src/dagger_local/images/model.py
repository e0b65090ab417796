"""What an image is to the rest of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


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
class NewLayer:
    """An overlay upper directory: deletions are 0/0 devices, opaque directories carry trusted.overlay.opaque."""

    directory: Path


@dataclass(frozen=True, slots=True)
class Assembled:
    """An image to be written: a base (None is scratch), upper directories on top, and the final `config` section."""

    base: Image | None
    layers: tuple[Path, ...]
    config: Mapping[str, Any]
    annotations: Mapping[str, str]
    platform: str
