"""GitHub's REST API, emulated as far as the module asks it: over HTTP, behind a token that may read, or also write.

Each part of the API is a file of its own, `github_*.py`, with a table of routes; `GitHub` is where it is added.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from support.github_pulls import Pulls
from support.github_releases import Releases
from support.github_route import Request, Route


@dataclass(slots=True)
class GitHub:
    """Answers on a loopback port; every repository that is asked for exists."""

    writer: str  # the token that may change something
    reader: str  # the token that may only read
    pulls: Pulls
    releases: Releases = field(default_factory=Releases)
    requests: list[Request] = field(default_factory=list)
    fault: Callable[[Request], tuple[int, Any] | None] | None = None  # asked first; None lets a request through
    retry_after: str = ""  # seconds, which every answer asks to wait that is neither good nor wrong
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None

    @property
    def routes(self) -> Mapping[str, Route]:
        """What answers, by method and path: `{name}` stands for a segment, which the request then has by that name."""
        return {**self.releases.routes, **self.pulls.routes}

    @property
    def url(self) -> str:
        """The API's address."""
        assert self._server is not None
        return f"http://localhost:{self._server.server_port}"

    def clear(self) -> None:
        """Forget the requests and the fault."""
        self.requests.clear()
        self.fault = None
        self.retry_after = ""

    def start(self) -> None:
        """Serve in threads of their own."""
        outer = self

        class Handler(_Handler):
            github = outer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request, token: str) -> tuple[int, Any]:
        """Return a status and a body; one request at a time, so that of two at once one is first."""
        with self._lock:
            self.requests.append(request)
            if self.fault and (failed := self.fault(request)):
                return failed
            if token not in {self.writer, self.reader}:
                return 401, {"message": "Bad credentials"}
            if request.method != "GET" and token != self.writer:
                return 403, {"message": "Resource not accessible by integration"}
            for place, route in self.routes.items():
                method, _, path = place.partition(" ")
                pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
                if method == request.method and (match := re.fullmatch(pattern, request.path)):
                    names = {name: unquote(text) for name, text in match.groupdict().items()}
                    return route(request.named(names))
            return 404, {"message": "Not Found"}


class _Handler(BaseHTTPRequestHandler):
    github: GitHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(sent) if sent else None
        request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), body)
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        status, content = self.github.answer(request, token if kind.lower() in {"bearer", "token"} else "")
        data = json.dumps(content).encode() if content is not None else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        if status in {403, 429, 503} and self.github.retry_after:
            self.send_header("Retry-After", self.github.retry_after)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Keep quiet: what matters is in `requests`."""
