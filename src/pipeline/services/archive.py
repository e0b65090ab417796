"""Read an OCI archive: what an image weighs, what it runs on, and its digest before it is in a registry."""

import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_INDEXES = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """An image's digest, its bytes in a registry (manifests apart), its platforms, and the layers of all of them."""

    digest: str
    size: int
    platforms: tuple[str, ...]
    layers: int

    def lacking(self, asked: Sequence[str]) -> list[str]:
        """Return the platforms that were asked for and that no image says it is for.

        Dagger's engine, 0.21.8 at least, writes its own platform into images that it builds for another; pushed, they
        would be pulled to where they cannot run.
        """
        return [wanted for wanted in asked if not any(_is(built, wanted) for built in self.platforms)]


def contents(archive: Path) -> Contents:
    """Read an archive in the OCI image layout."""
    with tarfile.open(archive) as tar:
        root = _json(tar, "index.json")["manifests"][0]
        descriptors = _blob(tar, root)["manifests"] if root["mediaType"] in _INDEXES else [root]
        manifests = [_blob(tar, descriptor) for descriptor in descriptors]
        size = sum(part["size"] for manifest in manifests for part in (manifest["config"], *manifest["layers"]))
        platforms = tuple(_platform(_blob(tar, manifest["config"])) for manifest in manifests)
        layers = sum(len(manifest["layers"]) for manifest in manifests)
    return Contents(root["digest"], size, platforms, layers)


def _is(built: str, wanted: str) -> bool:
    """Tell whether a platform is the one asked for; a variant counts where both have one."""
    return all(one == other for one, other in zip(built.split("/"), wanted.split("/"), strict=False))


def _platform(config: Any) -> str:
    return "/".join(filter(None, (config["os"], config["architecture"], config.get("variant"))))


def _blob(tar: tarfile.TarFile, descriptor: Any) -> Any:
    return _json(tar, f"blobs/{descriptor['digest'].replace(':', '/')}")


def _json(tar: tarfile.TarFile, name: str) -> Any:
    member = tar.extractfile(name)
    if member is None:
        msg = f"{name} is no file"
        raise KeyError(msg)
    return json.load(member)
