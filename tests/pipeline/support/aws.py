"""AWS on a loopback port: moto's server behind a door that verifies signatures, and answers what moto does not know."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from moto.server import ThreadedMotoServer

ACCOUNT = "123456789012"  # moto's
REGION = "eu-central-1"
_KEY = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalr/K7MDENG+bPxRfi", "session/token==")


@dataclass(slots=True)
class Aws:
    """An account with credentials that live for a session; its settings are those of `settings`."""

    settings: dict[str, str] = field(default_factory=lambda: {"BLOB_MOUNTING": "ENABLED"})
    denied: set[str] = field(default_factory=set)  # actions that the credentials lack
    asked: list[str] = field(default_factory=list)
    port: int = 0
    _moto: tuple[str, int] = ("", 0)

    @contextmanager
    def serving(self) -> Iterator["Aws"]:
        """Serve in threads of their own."""
        outer = self

        class Handler(_Handler):
            aws = outer

        moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        moto.start()
        self._moto = moto.get_host_and_port()
        door = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        door.daemon_threads = True
        self.port = door.server_port
        threading.Thread(target=door.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            door.shutdown()
            door.server_close()
            moto.stop()

    @property
    def credentials(self) -> str:
        """What `aws configure export-credentials` prints."""
        key = {"AccessKeyId": _KEY.access_key, "SecretAccessKey": _KEY.secret_key, "SessionToken": _KEY.token}
        return json.dumps({"Version": 1, **key, "Expiration": "2030-01-02T03:04:05Z"}, indent=2)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What a call of the doctor needs to ask it."""
        address = f"localhost:{self.port}"
        given = ("--aws-credentials", "env://AWS_KEY")
        return (*given, "--aws-endpoint", f"http://{address}", "--aws-service", f"tcp://{address}")

    def client(self, service: str) -> Any:
        """Return a client that changes something."""
        host, port = self._moto
        return boto3.client(
            service, REGION, endpoint_url=f"http://{host}:{port}",
            aws_access_key_id=_KEY.access_key, aws_secret_access_key=_KEY.secret_key,
        )  # fmt: skip

    def answer(self, path: str, headers: Message, body: bytes) -> tuple[int, str, bytes]:
        """Return a status, a kind and a body."""
        action = headers.get("X-Amz-Target", "").rpartition(".")[2] or body.decode().partition("&")[0].partition("=")[2]
        self.asked.append(action)
        if not _signed(path, headers, body):
            return _refused("InvalidSignatureException")
        if action in self.denied:
            return _refused("AccessDeniedException")
        if action == "GetAccountSetting":
            name = json.loads(body)["name"]
            return 200, "application/x-amz-json-1.1", json.dumps({"name": name, "value": self.settings[name]}).encode()
        connection = HTTPConnection(*self._moto, timeout=30)
        connection.request("POST", path, body, dict(headers.items()))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, answer.headers["Content-Type"], text


def _signed(path: str, headers: Message, body: bytes) -> bool:
    """Tell whether botocore signs the same request in the same way, with the session's token in it."""
    authorization = headers["Authorization"]
    _, region, service, _ = authorization.partition("Credential=")[2].partition(",")[0].split("/", 1)[1].split("/")
    names = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = AWSRequest("POST", f"http://{headers['Host']}{path}", {name: headers[name] for name in names}, body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    signer = SigV4Auth(_KEY, service, region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    token = headers.get("X-Amz-Security-Token") == _KEY.token and "x-amz-security-token" in names
    return token and authorization.rpartition("Signature=")[2] == signer.signature(text, request)


def _refused(code: str) -> tuple[int, str, bytes]:
    return 400, "application/x-amz-json-1.1", json.dumps({"__type": code, "message": "no"}).encode()


class _Handler(BaseHTTPRequestHandler):
    aws: Aws
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, text = self.aws.answer(self.path, self.headers, body)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Keep quiet: what matters is in `asked`."""
