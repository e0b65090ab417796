"""An Argo CD as far as its API goes: applications that follow a branch of a Git repository, each in its own way."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.workspace import git

MESSAGE = 'Deployment "backend" exceeded its progress deadline'
POD = 'Back-off pulling image "backend"'


@dataclass(slots=True)
class ArgoCD:
    """Serves the API on a loopback port.

    An application is Synced to the branch's tip when it is refreshed, Progressing in the first look after that, and
    then of the health that `health` says; those of `stuck` stay at the commit where they are.
    """

    token: str
    remote: Path
    names: list[str]
    health: dict[str, str] = field(default_factory=dict)
    stuck: set[str] = field(default_factory=set)
    on_refresh: Callable[[], object] | None = None
    requests: list[str] = field(default_factory=list)
    port: int = 0
    _states: dict[str, dict[str, Any]] = field(default_factory=dict)

    @contextmanager
    def serving(self) -> Iterator["ArgoCD"]:
        """Serve in threads of their own."""
        outer = self

        class Handler(_Handler):
            argocd = outer

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.port = server.server_port
        start = git(self.remote, "rev-parse", "main")
        self._states = {name: _state(name, start, "Healthy") for name in self.names}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()

    @property
    def arguments(self) -> tuple[str, ...]:
        """What a call needs to wait for it."""
        address = f"localhost:{self.port}"
        return ("--argocd-server", f"http://{address}", "--argocd-service", f"tcp://{address}",
                "--argocd-token", "env://ARGOCD_TOKEN")  # fmt: skip

    def answer(self, path: str, authorization: str) -> tuple[int, Any]:
        """Answer a request as Argo CD does."""
        parts = urlsplit(path)
        query = parse_qs(parts.query)
        self.requests.append(path)
        if authorization != f"Bearer {self.token}":
            return 401, {"error": "invalid session: token is expired", "code": 16, "message": "invalid session"}
        _, _, _, kind, *rest = parts.path.split("/")
        if kind != "applications":
            return 404, {"error": "Not Found", "code": 5, "message": "Not Found"}
        if not rest:
            found = [self._look(name) for name in query.get("name", self.names) if name in self._states]
            return 200, {"metadata": {"resourceVersion": "1"}, "items": found or None}
        name = rest[0]
        if name not in self._states:
            return 403, {"error": "permission denied", "code": 7, "message": "permission denied"}
        if rest[1:] == ["resource-tree"]:
            return 200, {"nodes": [_node("Pod", f"{name}-x2b", self._states[name], POD)]}
        if query.get("refresh"):
            self._refresh(name)
        return 200, self._states[name]

    def _refresh(self, name: str) -> None:
        if self.on_refresh:
            self.on_refresh()
        tip = git(self.remote, "rev-parse", "main")
        if name not in self.stuck and self._states[name]["status"]["sync"]["revision"] != tip:
            self._states[name] = _state(name, tip, "Progressing")

    def _look(self, name: str) -> dict[str, Any]:
        """Return an application, and let it go on."""
        now = self._states[name]
        if now["status"]["health"]["status"] == "Progressing":
            revision = now["status"]["sync"]["revision"]
            self._states[name] = _state(name, revision, self.health.get(name, "Healthy"))
        return now


def _state(name: str, revision: str, health: str) -> dict[str, Any]:
    state: dict[str, Any] = {
        "metadata": {"name": name, "namespace": "argocd"},
        "status": {
            "sync": {"status": "Synced", "revision": revision},
            "health": {"status": health},
            "reconciledAt": "2026-01-02T03:04:06Z",
            "operationState": {
                "phase": "Succeeded",
                "message": "successfully synced (all tasks run)",
                "finishedAt": "2026-01-02T03:04:05Z",
                "syncResult": {"revision": revision},
            },
        },
    }
    state["status"]["resources"] = [_node("Deployment", name.partition("-")[0], state, MESSAGE)]
    return state


def _node(kind: str, name: str, state: dict[str, Any], message: str) -> dict[str, Any]:
    health = state["status"]["health"]["status"]
    return {
        "kind": kind,
        "name": name,
        "health": {"status": health, **({"message": message} if health == "Degraded" else {})},
    }


class _Handler(BaseHTTPRequestHandler):
    argocd: ArgoCD
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, document = self.argocd.answer(self.path, self.headers.get("Authorization", ""))
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Keep quiet: what matters is in `requests`."""
