"""What refers to images: a registry with the referrers API, cosign with keys, and documents that are attached."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.proxy import Request
from support.registry import Registry

SBOM, PROVENANCE = "application/spdx+json", "application/vnd.in-toto+json"
INDEX = "application/vnd.oci.image.index.v1+json"
# Private: no log has the signature.
_NOWHERE = {
    "config.json": {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "rekorTlogConfig": {}, "tsaConfig": {},
    },
    "root.json": {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"},
}  # fmt: skip


@dataclass(slots=True)
class ReferrersApi:
    """Gives a registry the referrers API of OCI 1.1, which docker's lacks, at the proxy before it.

    It lists what was put through the proxy, by repository and subject.
    """

    registry: Registry
    listed: dict[tuple[str, str], dict[str, dict[str, Any]]] = field(default_factory=dict)

    async def fault(self, request: Request) -> bytes | None:
        """Answer what asks for referrers."""
        repository, interface, name = _apart(request)
        if interface != "referrers":
            return None
        entries = [*self.listed.get((repository, name), {}).values()]
        body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {INDEX}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        return head.encode() + body

    async def amend(self, request: Request, head: bytes) -> bytes:
        """Take notice of a manifest that refers to another one, and say so, as the specification demands."""
        repository, interface, digest = _apart(request)
        if request.method != "PUT" or interface != "manifests" or b" 201 " not in head.partition(b"\r\n")[0]:
            return head
        manifest = self.registry.manifest(repository, digest)
        if not (subject := manifest.get("subject", {}).get("digest")):
            return head
        size = len(json.dumps(manifest))
        kind = manifest.get("artifactType", "")
        entry = {"digest": digest, "mediaType": manifest["mediaType"], "size": size, "artifactType": kind}
        self.listed.setdefault((repository, subject), {})[digest] = entry
        return head.replace(b"\r\n\r\n", f"\r\nOCI-Subject: {subject}\r\n\r\n".encode())


def _apart(request: Request) -> tuple[str, str, str]:
    """Return the repository, the interface and the name that a request is about."""
    what, _, name = request.path.removeprefix("/v2/").rpartition("/")
    repository, _, interface = what.rpartition("/")
    return repository, interface, name


@dataclass(frozen=True, slots=True)
class Cosign:
    """cosign on this machine, with key pairs in a folder, and the right to use registries."""

    program: Path
    folder: Path

    def generate(self, name: str) -> Path:
        """Make a key pair, and return the public key."""
        self._run("generate-key-pair", "--output-key-prefix", str(self.folder / name))
        return self.folder / f"{name}.pub"

    def login(self, auths: dict[str, str]) -> None:
        """Use registries, by host, each with `user:password` in Base64."""
        config = {"auths": {host: {"auth": auth} for host, auth in auths.items()}}
        (self.folder / "config.json").write_text(json.dumps(config))

    def sign(self, name: str, *references: str) -> None:
        """Sign with a key."""
        for file, content in _NOWHERE.items():
            (self.folder / f"signing-{file}").write_text(json.dumps(content))
        options = ["--signing-config", str(self.folder / "signing-config.json")]
        options += ["--trusted-root", str(self.folder / "signing-root.json")]
        self._run("sign", "--yes", "--key", str(self.folder / f"{name}.key"), *options, *references)

    def verify(self, name: str, *references: str) -> None:
        """Verify signatures with a public key."""
        key = str(self.folder / f"{name}.pub")
        self._run("verify", "--key", key, "--insecure-ignore-tlog=true", *references)

    def _run(self, *words: str) -> None:
        env = {**os.environ, "COSIGN_PASSWORD": "", "DOCKER_CONFIG": str(self.folder), "HOME": str(self.folder)}
        done = subprocess.run([self.program, *words], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
