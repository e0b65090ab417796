"""A Kubernetes cluster with Argo CD in it, by kubectl."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

from support.workspace import REPOSITORY

SERVICES = ("backend", "frontend")
ENVIRONMENTS = ("dev", "stg", "prod")
_ARGOCD = REPOSITORY / "manifests/argocd"
_PUBLISHED = "https://github.com/acme/myapp"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster of KUBECONFIG and the Argo CD of ARGOCD_SERVER, for applications of a repository.

    `inside` says that Argo CD runs in the cluster, and so finds it under other addresses.
    """

    repository: str
    reader: str
    inside: bool = False

    @property
    def token(self) -> str:
        """The token for Argo CD; one that takes any caller is given any."""
        return os.environ.get("ARGOCD_TOKEN") or "any"

    @property
    def arguments(self) -> tuple[str, ...]:
        """What a call needs to wait for Argo CD."""
        address = os.environ["ARGOCD_SERVER"]
        scheme = "http" if "--plaintext" in os.environ.get("ARGOCD_OPTS", "") else "https"
        local = urlsplit(f"//{address}").hostname in {"localhost", "127.0.0.1"}
        service = ("--argocd-service", f"tcp://{address}") if local else ()
        return ("--argocd-server", f"{scheme}://{address}", "--argocd-token", "env://ARGOCD_TOKEN", *service)

    def set_up(self) -> None:
        """Apply the project and the applications as they stand, but for the repository's address."""
        for document in (self._repository(), *self._clusters()):
            self.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(document))
        for path in (_ARGOCD / "project.yaml", *sorted((_ARGOCD / "applications").glob("*-*.yaml"))):
            text = path.read_text()
            assert _PUBLISHED in text
            self.kubectl("apply", "--server-side", "-f", "-", stdin=text.replace(_PUBLISHED, self.repository))

    def take_down(self) -> None:
        """Leave the cluster as it was."""
        names = [f"{service}-{environment}" for service in SERVICES for environment in ENVIRONMENTS]
        argocd = ("-n", "argocd", "delete", "--ignore-not-found")
        self.kubectl(*argocd, *(f"applications.argoproj.io/{name}" for name in names))
        self.kubectl(*argocd, "appprojects.argoproj.io/myapp")
        self.kubectl(*argocd, "secret/myapp-repository", "secret/cluster-stg", "secret/cluster-prod")
        self.kubectl("delete", "--ignore-not-found", "--wait=false", *(f"namespace/{name}" for name in names))

    def application(self, service: str, environment: str) -> tuple[str, str, str]:
        """Return an application's sync status, commit and health."""
        status = self.get("argocd", f"application.argoproj.io/{service}-{environment}")["status"]
        return status["sync"]["status"], status["sync"]["revision"], status["health"]["status"]

    def image(self, service: str, environment: str) -> str:
        """Return the image that a service's Deployment runs."""
        deployment = self.get(f"{service}-{environment}", f"deployment/{service}")
        image: str = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
        return image

    def get(self, namespace: str, what: str) -> Any:
        """Return a resource."""
        return json.loads(self.kubectl("-n", namespace, "get", what, "--output=json"))

    def kubectl(self, *args: str, stdin: str = "") -> str:
        """Run kubectl and return what it printed."""
        done = subprocess.run(["kubectl", *args], input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _repository(self) -> dict[str, Any]:
        values = {"type": "git", "url": self.repository, "username": "token", "password": self.reader}
        return secret("myapp-repository", "repository", values)

    def _clusters(self) -> Iterator[dict[str, Any]]:
        """Return the clusters that the applications name: this one each, by two addresses that differ."""
        config = yaml.safe_load(self.kubectl("config", "view", "--minify", "--raw", "--output=yaml"))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        tls = {
            "insecure": cluster.get("insecure-skip-tls-verify", False),
            "caData": cluster.get("certificate-authority-data"),
            "certData": user.get("client-certificate-data"),
            "keyData": user.get("client-key-data"),
        }
        login = {"tlsClientConfig": {key: value for key, value in tls.items() if value}}
        if "token" in user:
            login["bearerToken"] = user["token"]
        parts = urlsplit(cluster["server"])
        other = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}.get(parts.hostname or "", f"{parts.hostname}.")
        addresses = {"stg": parts.netloc, "prod": f"{other}:{parts.port or 443}"}
        if self.inside:
            addresses = {"stg": "kubernetes.default", "prod": "kubernetes.default.svc.cluster.local"}
        for name, address in addresses.items():
            server = urlunsplit(parts._replace(netloc=address))
            values = {"name": name, "server": server, "config": json.dumps(login)}
            yield secret(f"cluster-{name}", "cluster", values)


def secret(name: str, kind: str, values: dict[str, str]) -> dict[str, Any]:
    """Return the secret that tells Argo CD of something of a kind."""
    labels = {"argocd.argoproj.io/secret-type": kind}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "argocd", "labels": labels},
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
    }
