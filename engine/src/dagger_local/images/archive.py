"""Image archives: a layout as one tar that Docker, Podman and skopeo load, the same bytes for the same layout."""

import io
import json
import tarfile
from pathlib import Path
from typing import IO

from dagger_local.images.blobs import write_whole
from dagger_local.images.oci import is_index


def write_archive(layout: Path, target: Path) -> None:
    """Write `layout` to `target`; Docker's own `manifest.json` is added when it is one image. Blocks."""
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, lambda out: _write(layout, out))


def kind(archive: Path) -> str:
    """Tell what transport reads an archive: docker-archive, oci-archive, or none (an empty string). Blocks."""
    found = ""
    try:
        with tarfile.open(archive, "r:*") as members:
            for member in members:
                name = member.name.removeprefix("./")
                if name == "oci-layout":
                    return "oci-archive"
                if name == "manifest.json":
                    found = "docker-archive"
    except (tarfile.TarError, EOFError, OSError):
        return ""
    return found


def _write(layout: Path, out: IO[bytes]) -> None:
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(path for path in layout.rglob("*") if path.is_file()):
            member = _member(str(path.relative_to(layout)), path.stat().st_size)
            with path.open("rb") as file:
                archive.addfile(member, file)
        if not is_index(layout):
            content = _docker_manifest(layout)
            archive.addfile(_member("manifest.json", len(content)), io.BytesIO(content))


def _docker_manifest(layout: Path) -> bytes:
    top = json.loads((layout / "index.json").read_bytes())["manifests"][0]
    manifest = json.loads((layout / _blob(top["digest"])).read_bytes())
    layers = [_blob(layer["digest"]) for layer in manifest["layers"]]
    entry = {"Config": _blob(manifest["config"]["digest"]), "RepoTags": None, "Layers": layers}
    return json.dumps([entry], separators=(",", ":")).encode()


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    return member
