"""A registry with a password; ask one what it holds, and give it images, by its HTTP interface."""

import base64
import contextlib
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message
from hashlib import sha256
from typing import Any

import bcrypt
import dagger

from support import engine

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_ACCEPT = ", ".join([
    _MANIFEST,
    _INDEX,
    "application/vnd.docker.distribution.manifest.v2+json",
])  # fmt: skip


@contextlib.asynccontextmanager
async def serving(dag: dagger.Client, user: str, password: str) -> AsyncIterator[tuple[str, int]]:
    """Serve a registry that demands a password, on a loopback port of its own."""
    line = f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n"
    service = (
        dag.container()
        .from_(engine.TOOLS.registry)
        .with_mounted_secret("/auth/htpasswd", dag.set_secret(f"htpasswd-{uuid.uuid4().hex}", line))
        .with_env_variable("REGISTRY_AUTH", "htpasswd")
        .with_env_variable("REGISTRY_AUTH_HTPASSWD_REALM", "tests")
        .with_env_variable("REGISTRY_AUTH_HTPASSWD_PATH", "/auth/htpasswd")
        .with_env_variable("REGISTRY_STORAGE_DELETE_ENABLED", "true")
        .with_exposed_port(5000)
        .as_service(use_entrypoint=True)
    )
    tunnel = await dag.host().tunnel(service).start()
    host, _, port = (await tunnel.endpoint()).rpartition(":")
    yield host, int(port)
    await tunnel.stop()


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry on this machine, with a user and a password."""

    address: tuple[str, int]
    user: str
    password: str

    def digest(self, repository: str, tag: str) -> str:
        """Return a tag's digest; empty if it is not there."""
        return self._get(f"{repository}/manifests/{tag}")[0]

    def seed(self, repository: str, tag: str, content: str = "", *, revision: str = "") -> str:
        """Push a tiny image, with a commit as its label, and return its digest; other content gives another digest."""
        layer = self._upload(repository, (content or repository).encode(), "application/vnd.oci.image.layer.v1.tar")
        described = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": {"org.opencontainers.image.revision": revision}} if revision else {},
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
        }
        config = self._upload(repository, json.dumps(described).encode(), "application/vnd.oci.image.config.v1+json")
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": [layer]}
        self._send("PUT", f"{repository}/manifests/{tag}", json.dumps(manifest).encode(), _MANIFEST)
        return self.digest(repository, tag)

    def attach(self, repository: str, subject: str, kind: str, content: str) -> str:
        """Push a document that refers to a manifest, let the tag for those list it, and return its digest."""
        layer = self._upload(repository, content.encode(), kind)
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "artifactType": kind,
            "config": self._upload(repository, b"{}", "application/vnd.oci.empty.v1+json"),
            "layers": [layer],
            "subject": self._descriptor(repository, subject),
        }
        text = json.dumps(manifest).encode()
        digest = f"sha256:{sha256(text).hexdigest()}"
        self._send("PUT", f"{repository}/manifests/{digest}", text, _MANIFEST)
        self.refer(repository, subject, [*self.referrers(repository, subject), digest])
        return digest

    def referrers(self, repository: str, subject: str) -> list[str]:
        """Return the digests that the tag lists which stands in for a referrers API."""
        index = self.manifest(repository, subject.replace(":", "-")) or {"manifests": []}
        return [entry["digest"] for entry in index["manifests"]]

    def refer(self, repository: str, subject: str, referrers: list[str]) -> None:
        """Let that tag list something else."""
        entries = [self._descriptor(repository, digest) for digest in referrers]
        index = json.dumps({"schemaVersion": 2, "mediaType": _INDEX, "manifests": entries}).encode()
        self._send("PUT", f"{repository}/manifests/{subject.replace(':', '-')}", index, _INDEX)

    def _descriptor(self, repository: str, digest: str) -> dict[str, Any]:
        size = len(self._get(f"{repository}/manifests/{digest}")[1])
        return {"mediaType": _MANIFEST, "digest": digest, "size": size}

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

    def blob(self, repository: str, digest: str) -> bytes:
        """Return a blob."""
        return self._get(f"{repository}/blobs/{digest}")[1]

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
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.headers, answer.read()
