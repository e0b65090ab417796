"""A Sigstore on a loopback port: proves a job's identity as GitHub does, certifies it as Fulcio, and logs as Rekor.

Of certificates there is no log (SCT), and each entry of the log is a tree of its own.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID

ISSUER = "https://token.actions.githubusercontent.com"
IDENTITY = "https://github.com/acme/shop/.github/workflows/build-images.yaml@refs/tags/v1.2.3"
_SUBJECT = "repo:acme/shop:environment:dev"
_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")  # Fulcio's own extension
_NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Fulcio of a test")])
_ALWAYS = {"start": "2020-01-01T00:00:00Z"}


@dataclass(slots=True)
class Sigstore:
    """One root, one log, and one job, which proves who it is with `token`."""

    token: str
    audiences: list[str] = field(default_factory=list)  # for whom identities were proved
    port: int = 0
    _authority: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))
    _log: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))

    @contextmanager
    def serving(self) -> Iterator["Sigstore"]:
        """Serve in threads of their own."""
        outer = self

        class Handler(_Handler):
            sigstore = outer

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()

    @property
    def trusted_root(self) -> str:
        """What is trusted of whom signs with it, as cosign reads it."""
        root = self._certificate(self._authority.public_key(), authority=True)
        log = _der(self._log.public_key())
        return json.dumps({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [{
                "baseUrl": "http://rekor.example.com",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {"rawBytes": _text(log), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": _ALWAYS},
                "logId": {"keyId": _text(hashlib.sha256(log).digest())},
            }],
            "certificateAuthorities": [{
                "subject": {"organization": "test", "commonName": "test"},
                "uri": "http://fulcio.example.com",
                "certChain": {"certificates": [{"rawBytes": _text(root.public_bytes(Encoding.DER))}]},
                "validFor": _ALWAYS,
            }],
        })  # fmt: skip

    def prove(self, audience: str) -> dict[str, Any]:
        """Return an identity token, signed by nobody: what certifies it here trusts whoever has it."""
        self.audiences.append(audience)
        parts = ({"alg": "none"}, {"iss": ISSUER, "sub": _SUBJECT, "aud": audience})
        return {"value": ".".join([*(_part(part) for part in parts), "c2lnbmF0dXJl"])}

    def certify(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a certificate for a key, whose owner has to prove that they have it."""
        asked = request["publicKeyRequest"]
        key = load_pem_public_key(asked["publicKey"]["content"].encode())
        assert isinstance(key, EllipticCurvePublicKey)
        key.verify(base64.b64decode(asked["proofOfPossession"]), _SUBJECT.encode(), ECDSA(SHA256()))
        text = self._certificate(key).public_bytes(Encoding.PEM).decode()
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": [text]}}}

    def enter(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the entry of a signature in the log."""
        content = request["spec"]["proposedContent"]
        envelope = json.loads(content["envelope"])
        hashes = {"envelopeHash": content["envelope"].encode(), "payloadHash": base64.b64decode(envelope["payload"])}
        signature = {"signature": envelope["signatures"][0]["sig"], "verifier": content["verifiers"][0]}
        spec = {
            **{name: {"algorithm": "sha256", "value": hashlib.sha256(of).hexdigest()} for name, of in hashes.items()},
            "signatures": [signature],
        }
        body = _canonical({"apiVersion": request["apiVersion"], "kind": request["kind"], "spec": spec})
        key = hashlib.sha256(_der(self._log.public_key())).digest()
        now = int(datetime.now(UTC).timestamp())
        entry = {"body": _text(body), "integratedTime": now, "logID": key.hex(), "logIndex": 0}
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"rekor.example.com - 1\n1\n{_text(root)}\n"
        checkpoint = f"{note}\n\u2014 rekor.example.com {_text(key[:4] + self._signed(note.encode()))}\n"
        proof = {"checkpoint": checkpoint, "hashes": [], "logIndex": 0, "rootHash": root.hex(), "treeSize": 1}
        verification = {"signedEntryTimestamp": _text(self._signed(_canonical(entry))), "inclusionProof": proof}
        return {root.hex(): {**entry, "verification": verification}}

    def _signed(self, data: bytes) -> bytes:
        signature: bytes = self._log.sign(data, ECDSA(SHA256()))
        return signature

    def _certificate(self, key: Any, *, authority: bool = False) -> x509.Certificate:
        start = datetime(2020, 1, 1, tzinfo=UTC) if authority else datetime.now(UTC) - timedelta(minutes=1)
        length = timedelta(days=36500) if authority else timedelta(minutes=10)
        made = (
            x509.CertificateBuilder()
            .issuer_name(_NAME)
            .subject_name(_NAME if authority else x509.Name([]))
            .public_key(key)
            .serial_number(1 if authority else x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + length)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        )
        if authority:
            made = made.add_extension(_usage(key_cert_sign=True), critical=True)
        else:
            identity = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(IDENTITY)])
            issuer = b"\x0c" + bytes([len(ISSUER)]) + ISSUER.encode()  # a UTF8String
            made = (
                made.add_extension(_usage(digital_signature=True), critical=True)
                .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
                .add_extension(identity, critical=True)
                .add_extension(x509.UnrecognizedExtension(_ISSUER, issuer), critical=False)
            )
        return made.sign(self._authority, SHA256())


class _Handler(BaseHTTPRequestHandler):
    sigstore: Sigstore

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path != "/token" or self.headers["Authorization"] != f"bearer {self.sigstore.token}":
            return self._answer(401, {})
        return self._answer(200, self.sigstore.prove(query.rpartition("audience=")[2]))

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/v2/signingCert":
            return self._answer(200, self.sigstore.certify(request))
        return self._answer(201, self.sigstore.enter(request))

    def _answer(self, code: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if code == 201:
            self.send_header("ETag", next(iter(answer)))
            self.send_header("Location", f"/api/v1/log/entries/{next(iter(answer))}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _usage(**given: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{**dict.fromkeys(names, False), **given})


def _der(key: Any) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(_canonical(value)).decode().rstrip("=")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
