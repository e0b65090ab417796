"""A Git server over HTTP: git's own http-backend, behind a token that may read, or also write."""

import base64
import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(slots=True)
class GitServer:
    """Serves the bare repositories of a folder, on a loopback port if nothing else is said."""

    root: Path
    writer: str  # the token that may push
    reader: str  # the token that may only read
    hang: threading.Event = field(default_factory=threading.Event)  # while set, nothing is answered
    pushes: list[str] = field(default_factory=list)
    sent: int = 0  # bytes, in answers
    users: set[str] = field(default_factory=set)  # that came with a token
    on_push: Callable[[], None] | None = None  # called before a push is taken
    interface: str = "127.0.0.1"  # what it listens on
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The address of the folder."""
        assert self._server is not None
        return f"http://localhost:{self._server.server_port}"

    def start(self) -> None:
        """Serve in threads of their own."""
        outer = self

        class Handler(_Handler):
            git = outer

        self._server = ThreadingHTTPServer((self.interface, 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        assert self._server is not None
        self.hang.clear()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    git: GitServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        while self.git.hang.is_set():
            threading.Event().wait(0.05)
        body = self._read_body()
        given = self._password()
        pushing = "git-receive-pack" in self.path
        if given not in {self.git.writer, self.git.reader}:
            self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"who are you")
        elif pushing and given != self.git.writer:
            self._send(403, {}, b"the token may not push")
        else:
            if pushing and self.command == "POST":
                self.git.pushes.append(self.path)
                if self.git.on_push:
                    self.git.on_push()
            self._send(*self._backend(body))

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _password(self) -> str:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return ""
        user, _, password = base64.b64decode(value).decode().partition(":")
        self.git.users.add(user)
        return password

    def _backend(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(self.path)
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.git.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "3",
            "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true",
            "GIT_CONFIG_KEY_1": "safe.directory",
            "GIT_CONFIG_VALUE_1": "*",
            "GIT_CONFIG_KEY_2": "uploadpack.allowFilter",  # as forges have it
            "GIT_CONFIG_VALUE_2": "true",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_USER": "token",
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(["git", "http-backend"], env=env, input=body, stdout=subprocess.PIPE, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(headers.pop("Status", "200").split()[0])
        return status, headers, content

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.git.sent += len(body)
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Keep quiet: what matters is in `pushes`."""
