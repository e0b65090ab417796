"""Read what containers-storage holds, straight from its own records: no program is started for a look-up."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagger_local.images.model import Image


@dataclass(slots=True)
class _Cached:
    stamp: tuple[int, int, int] = (0, 0, 0)
    content: list[dict[str, Any]] | None = None


class Records:
    """The images and layers under a graph root of the overlay driver."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._images = _Cached()
        self._layers = _Cached()

    def image_named(self, name: str) -> str:
        """Return the id of the image that carries `name`, or an empty string."""
        return next((str(image["id"]) for image in self._all_images() if name in (image.get("names") or ())), "")

    def has(self, image_id: str) -> bool:
        """Tell whether an image is there, with all of its layers."""
        record = self._record(image_id)
        return record is not None and self._chain(record.get("layer", "")) is not None

    def digest(self, image_id: str) -> str:
        """Return the digest of the manifest that the image was stored with."""
        record = self._record(image_id)
        return str(record.get("digest", "")) if record else ""

    def image(self, image_id: str, *, reference: str = "", digest: str = "", stand_in: bool = False) -> Image | None:
        """Return the image, or None when it is not there whole."""
        record = self._record(image_id)
        chain = self._chain(record.get("layer", "")) if record else None
        if chain is None:
            return None
        config = json.loads(self._big_data(image_id, f"sha256:{image_id}").read_text())
        layers = tuple(self._root / "overlay" / layer / "diff" for layer in chain)
        return Image(image_id, layers, config, digest, reference, stand_in)

    def _big_data(self, image_id: str, key: str) -> Path:
        # Keys that are no plain file names are stored under their base64 form.
        return self._root / "overlay-images" / image_id / ("=" + base64.b64encode(key.encode()).decode())

    def _record(self, image_id: str) -> dict[str, Any] | None:
        return next((image for image in self._all_images() if image["id"] == image_id), None)

    def _chain(self, top: str) -> tuple[str, ...] | None:
        """Follow a layer's parents down; None when one is missing or was written halfway."""
        layers = {str(layer["id"]): layer for layer in self._all_layers()}
        chain: list[str] = []
        while top:
            layer = layers.get(top)
            if layer is None or (layer.get("flags") or {}).get("incomplete"):
                return None
            chain.append(top)
            top = str(layer.get("parent", ""))
        return tuple(reversed(chain))

    def _all_images(self) -> list[dict[str, Any]]:
        return _load(self._root / "overlay-images" / "images.json", self._images)

    def _all_layers(self) -> list[dict[str, Any]]:
        return _load(self._root / "overlay-layers" / "layers.json", self._layers)


def _load(path: Path, cached: _Cached) -> list[dict[str, Any]]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return []
    stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
    if cached.content is None or cached.stamp != stamp:
        cached.content = json.loads(path.read_text() or "[]")
        cached.stamp = stamp
    return cached.content
