"""Write images as OCI layouts: directories named by their content, the same for the same images, always."""

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.images.blobs import Blob, Blobs
from dagger_local.images.layer_tar import write_stored, write_upper
from dagger_local.images.model import Assembled, Image
from dagger_local.images.together import together
from dagger_local.store.guard import note_use

_EPOCH = "1970-01-01T00:00:00Z"
_OF_A_CONTAINER = {
    *("Hostname", "Domainname", "AttachStdin", "AttachStdout", "AttachStderr"),
    *("Tty", "OpenStdin", "StdinOnce", "Image"),
}
"""Fields that Docker keeps in a configuration and that say nothing about an image."""


@dataclass(frozen=True, slots=True)
class MediaTypes:
    """The names that a manifest gives to its parts."""

    index: str
    manifest: str
    config: str
    layer: str
    gzipped: str


OCI = MediaTypes(
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
)
DOCKER = MediaTypes(
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
)


class Layouts:
    """Layouts under a folder; their blobs are hard links to one pool."""

    def __init__(self, directory: Path, storage: Path) -> None:
        self._directory = directory
        self._storage = storage
        self._blobs = Blobs(directory)

    async def write(self, images: Sequence[Assembled], *, compression: str | None, media_types: str | None) -> Path:
        """Return the layout of one image, or of an index when there are several."""
        if not images:
            raise EngineError("there is no image to write; give a container that has a root file system")
        types = _media_types(media_types)
        compressed = _is_compressed(compression)
        key = json.dumps([[_identity(image) for image in images], compressed, types.manifest], sort_keys=True)
        known = self._directory / "known" / hashlib.sha256(key.encode()).hexdigest()
        if (found := _kept(known)) is not None:
            return found
        manifests = await together(self._image(image, types, compressed=compressed) for image in images)
        return await asyncio.to_thread(self._lay, known, manifests, types)

    async def _image(self, image: Assembled, types: MediaTypes, *, compressed: bool) -> dict[str, Any]:
        """Write an image's blobs; return the descriptor of its manifest."""
        below = image.base.layers if image.base else ()
        layers = [asyncio.to_thread(self._layer, layer, None, compressed=compressed) for layer in below]
        layers += [
            asyncio.to_thread(self._layer, layer, image.created, compressed=compressed) for layer in image.layers
        ]
        blobs = await together(layers)
        config = _encode(_config(image, blobs))
        layer_type = types.gzipped if compressed else types.layer
        manifest: dict[str, Any] = {
            "schemaVersion": 2,
            "mediaType": types.manifest,
            "config": {"mediaType": types.config, "digest": self._blobs.put(config), "size": len(config)},
            "layers": [{"mediaType": layer_type, "digest": blob.digest, "size": blob.size} for blob in blobs],
        }
        if image.annotations:
            manifest["annotations"] = dict(sorted(image.annotations.items()))
        content = _encode(manifest)
        entry = {
            "mediaType": types.manifest,
            "digest": self._blobs.put(content),
            "size": len(content),
            "platform": _platform(image.platform),
        }
        return {**entry, "annotations": manifest["annotations"]} if image.annotations else entry

    def _layer(self, layer: Path, time: int | None, *, compressed: bool) -> Blob:
        if layer.parent.parent == self._storage / "overlay":
            return self._stored(layer, compressed=compressed)
        key = _stamp(layer) if time is None else f"{_stamp(layer)} {time}"
        return self._blobs.layer(key, lambda out: write_upper(layer, out, time), compressed=compressed)

    def _stored(self, diff: Path, *, compressed: bool) -> Blob:
        layer = diff.parent.name
        tar_split = self._storage / "overlay-layers" / f"{layer}.tar-split.gz"
        return self._blobs.layer(layer, lambda out: write_stored(tar_split, diff, out), compressed=compressed)

    def _lay(self, known: Path, manifests: list[dict[str, Any]], types: MediaTypes) -> Path:
        top = manifests[0]
        if len(manifests) > 1:
            content = _encode({"schemaVersion": 2, "mediaType": types.index, "manifests": manifests})
            top = {"mediaType": types.index, "digest": self._blobs.put(content), "size": len(content)}
        index = _encode({"schemaVersion": 2, "mediaType": OCI.index, "manifests": [top]})
        layout = self._directory / "layouts" / hashlib.sha256(index).hexdigest()
        if not layout.exists():
            self._fill(layout, index, self._reachable(top))
        known.parent.mkdir(parents=True, exist_ok=True)
        # Others may write the same, or read it: the name is there at any time.
        fresh = known.with_name(f".partial-{uuid.uuid4().hex}")
        fresh.symlink_to(layout)
        fresh.replace(known)
        return layout

    def _fill(self, layout: Path, index: bytes, digests: set[str]) -> None:
        layout.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=layout.parent, prefix=".partial-"))
        try:
            partial.chmod(0o755)
            (partial / "oci-layout").write_bytes(_encode({"imageLayoutVersion": "1.0.0"}))
            (partial / "index.json").write_bytes(index)
            place = partial / "blobs" / "sha256"
            place.mkdir(parents=True)
            for digest in digests:
                os.link(self._blobs.path(digest), place / digest.removeprefix("sha256:"))
            partial.rename(layout)
        except FileExistsError:
            shutil.rmtree(partial)
        except OSError:
            shutil.rmtree(partial, ignore_errors=True)
            if not layout.exists():
                raise

    def _reachable(self, descriptor: Mapping[str, Any]) -> set[str]:
        digest = str(descriptor["digest"])
        found = {digest}
        if descriptor["mediaType"] in (OCI.index, DOCKER.index, OCI.manifest, DOCKER.manifest):
            content = json.loads(self._blobs.path(digest).read_bytes())
            found |= {str(layer["digest"]) for layer in content.get("layers", ())}
            found |= {str(content["config"]["digest"])} if "config" in content else set()
            for manifest in content.get("manifests", ()):
                found |= self._reachable(manifest)
        return found


def layout_digest(layout: Path) -> str:
    """Return the digest of a layout's image or index."""
    return str(json.loads((layout / "index.json").read_bytes())["manifests"][0]["digest"])


def is_index(layout: Path) -> bool:
    """Tell whether a layout holds an index of several images."""
    return json.loads((layout / "index.json").read_bytes())["manifests"][0]["mediaType"] in (OCI.index, DOCKER.index)


def _config(image: Assembled, blobs: Sequence[Blob]) -> dict[str, Any]:
    base = image.base.config if image.base else {}
    created = base.get("created") or _EPOCH
    if image.created is not None:
        created = datetime.fromtimestamp(image.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    history = list(base.get("history") or ())
    history += [{"created": created, "created_by": "dagger-local"} for _ in image.layers]
    config = {key: value for key, value in image.config.items() if value and key not in _OF_A_CONTAINER}
    return {
        **_platform(image.platform),
        "created": created,
        "config": dict(sorted(config.items())),
        "rootfs": {"type": "layers", "diff_ids": [blob.diff_id for blob in blobs]},
        "history": history,
    }


def _identity(image: Assembled) -> list[Any]:
    base: Image | None = image.base
    return [
        *(base.id if base else "", [_stamp(layer) for layer in image.layers]),
        *(dict(image.config), dict(image.annotations), image.platform, image.created, "annotated index"),
    ]


def _stamp(upper: Path) -> str:
    """Name an upper directory: they are written once, but their places may be used again after a prune."""
    status = upper.stat()
    return f"{upper} {status.st_ino} {status.st_ctime_ns}"


def _kept(known: Path) -> Path | None:
    note_use(known)
    return known.resolve() if known.exists() else None


def _platform(text: str) -> dict[str, str]:
    parts = text.split("/")
    return dict(zip(("os", "architecture", "variant"), parts, strict=False))


def _media_types(name: str | None) -> MediaTypes:
    return DOCKER if name in ("DockerMediaTypes", "DOCKER") else OCI


def _is_compressed(name: str | None) -> bool:
    if name in (None, "", "Gzip", "GZIP"):
        return True
    if name in ("Uncompressed", "UNCOMPRESSED"):
        return False
    raise UnsupportedError(f"ImageLayerCompression.{name}")


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
