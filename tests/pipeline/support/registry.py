"""Ask a registry what it holds, and give it images, by its HTTP interface."""

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from hashlib import sha256
from typing import Any

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_ACCEPT = ", ".join([
    _MANIFEST,
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry on this machine, with a user and a password."""

    address: tuple[str, int]
    user: str
    password: str

    def digest(self, repository: str, tag: str) -> str:
        """Return a tag's digest; empty if it is not there."""
        return self._get(f"{repository}/manifests/{tag}")[0]

    def seed(self, repository: str, tag: str, content: str = "") -> str:
        """Push a tiny image and return its digest; other content gives another digest."""
        layer = self._upload(repository, (content or repository).encode(), "application/vnd.oci.image.layer.v1.tar")
        described = {
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
        }
        config = self._upload(repository, json.dumps(described).encode(), "application/vnd.oci.image.config.v1+json")
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": [layer]}
        self._send("PUT", f"{repository}/manifests/{tag}", json.dumps(manifest).encode(), _MANIFEST)
        return self.digest(repository, tag)

    def delete(self, repository: str, digest: str) -> None:
        """Take a manifest away."""
        self._send("DELETE", f"{repository}/manifests/{digest}")

    def manifest(self, repository: str, reference: str) -> Any:
        """Return a manifest."""
        return json.loads(self._get(f"{repository}/manifests/{reference}")[1])

    def config(self, repository: str, reference: str) -> Any:
        """Return an image's configuration."""
        digest = self.manifest(repository, reference)["config"]["digest"]
        return json.loads(self._get(f"{repository}/blobs/{digest}")[1])

    def _upload(self, repository: str, data: bytes, media_type: str) -> dict[str, Any]:
        digest = f"sha256:{sha256(data).hexdigest()}"
        place = self._send("POST", f"{repository}/blobs/uploads/")[0]["Location"].partition("/v2/")[2]
        self._send("PUT", f"{place}&digest={digest}", data, "application/octet-stream")
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def _get(self, path: str) -> tuple[str, bytes]:
        try:
            headers, body = self._send("GET", path)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                return "", b"null"
            raise
        return headers["Docker-Content-Digest"], body

    def _send(self, method: str, path: str, data: bytes | None = None, kind: str = "") -> tuple[Message, bytes]:
        host, port = self.address
        request = urllib.request.Request(f"http://{host}:{port}/v2/{path}", data, method=method)
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {pair}")
        request.add_header("Accept", _ACCEPT)
        if kind:
            request.add_header("Content-Type", kind)
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.headers, answer.read()
