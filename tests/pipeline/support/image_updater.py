"""Argo CD Image Updater on a cluster: the program of IMAGE_UPDATER, its resource as it stands but for addresses."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

from support.cluster import Cluster, secret
from support.workspace import REPOSITORY, Workspace

PROGRAM = os.environ.get("IMAGE_UPDATER", "")
SECONDS = 300
_RESOURCE = REPOSITORY / "manifests/argocd/image-updater/image-updater.yaml"
_CREDENTIALS = "REGISTRY_CREDENTIALS"


@contextlib.contextmanager
def running(cluster: Cluster, folder: Path, registry: str, login: str, writer: str) -> Iterator[None]:
    """Run it for the first environment.

    Args:
        cluster: where the applications are.
        folder: for its configuration and its log.
        registry: host and port of the registry that stands for the one that the overlays name.
        login: user and password of that, with a colon between.
        writer: the token to push with.
    """
    resource = yaml.safe_load(_RESOURCE.read_text())
    # A secret of its own is for SSH and HTTPS alone. For HTTP it takes what Argo CD knows, here by another address.
    address = urlsplit(cluster.repository)
    written = urlunsplit(address._replace(netloc=f"127.0.0.1:{address.port}"))
    resource["spec"]["writeBackConfig"]["method"] = "git:repocreds"
    resource["spec"]["writeBackConfig"]["gitConfig"]["repository"] = written
    values = {"type": "git", "url": written, "username": "token", "password": writer}
    images = [image["imageName"] for one in resource["spec"]["applicationRefs"] for image in one["images"]]
    registries = [
        {"name": name, "prefix": name, "api_url": f"http://{registry}", "credentials": f"env:{_CREDENTIALS}"}
        for name in {image.partition("/")[0] for image in images}
    ]
    settings = folder / "registries.conf"
    settings.write_text(json.dumps({"registries": registries}))
    line = [
        PROGRAM, "run", "--kubeconfig", os.environ["KUBECONFIG"], "--interval", "5s", "--leader-election=false",
        "--health-probe-bind-address", "0", "--registries-conf-path", str(settings), "--argocd-namespace", "argocd",
        "--watch-namespaces", "argocd",
    ]  # fmt: skip
    # Its socket for passwords would be Argo CD's own, where that runs on this machine as well.
    given = {_CREDENTIALS: login, "ARGOCD_ASK_PASS_SOCK": str(folder / "ask-pass.sock")}
    with contextlib.ExitStack() as stack:

        def apply(document: dict[str, Any], what: str) -> None:
            cluster.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(document))
            stack.callback(cluster.kubectl, "-n", "argocd", "delete", "--timeout=60s", what)

        apply(secret("myapp-write-back", "repository", values), "secret/myapp-write-back")
        log = stack.enter_context((folder / "log").open("wb"))
        process = subprocess.Popen(line, env={**os.environ, **given}, stdout=log, stderr=log)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        apply(resource, "imageupdaters.argocd-image-updater.argoproj.io/myapp-dev")  # which it has to let go of
        yield


def has_written(workspace: Workspace, services: tuple[str, ...], version: str) -> bool:
    """Wait until it has written a version of services into the first environment; tell whether it has."""
    paths = [f"manifests/{service}/overlays/dev/kustomization.yaml" for service in services]
    deadline = time.monotonic() + SECONDS
    while not all(f"newTag: {version}\n" in workspace.show(path) for path in paths):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True
