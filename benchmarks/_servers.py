"""What a promotion needs around it: root filesystems, containers without an engine, a registry, images."""

import base64
import contextlib
import json
import os
import queue
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import bcrypt
import dagger
from dagger import dag

from dagger_local.execution.runtime import Runtime
from dagger_local.execution.spec import SYSTEM_PATHS, runtime_spec
from dagger_local.execution.users import User
from pipeline.tools import Tools, toolbox

USER = "robot"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LISTENING = re.compile(r"listening on [^ ]*:(\d+)")
_PATIENCE = 30  # seconds for the registry to start
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True, slots=True)
class Roots:
    """Root filesystems on disk: of the tools that both sides use, and of the registry with its command."""

    tools: Path
    registry: Path
    command: Sequence[str]


async def export_roots(where: Path) -> Roots:
    """Write the root filesystems into a folder, by a session of the local engine."""
    os.environ["_EXPERIMENTAL_DAGGER_CLI_BIN"] = str(Path(sys.executable).with_name("dagger-local"))
    async with dagger.connection():
        registry = dag.container().from_(Tools().registry)
        await toolbox(Tools()).rootfs().export(str(where / "tools"))
        await registry.rootfs().export(str(where / "registry"))
        command = [*await registry.entrypoint(), *await registry.default_args()]
        return Roots(where / "tools", where / "registry", command)


@dataclass(frozen=True, slots=True)
class Containers:
    """Starts plain containers on the host's network, by runc or what else works here."""

    runtime: Runtime
    folder: Path

    def start(
        self, root: Path, args: Sequence[str], env: Mapping[str, str], binds: Mapping[str, Path]
    ) -> "subprocess.Popen[str]":
        """Start a command, what it says in a pipe; `binds` maps paths in there to files of the host, read-only."""
        name = uuid.uuid4().hex
        bundle = self.folder / name
        bundle.mkdir()
        for path in SYSTEM_PATHS:
            (root / path).mkdir(exist_ok=True)
        for path, source in binds.items():
            place = root / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.mkdir(exist_ok=True) if source.is_dir() else place.touch()
        given = [(source, path, True) for path, source in {"/etc/hosts": Path("/etc/hosts"), **binds}.items()]
        spec = runtime_spec(
            root=root,
            args=args,
            env={"PATH": _PATH, "HOME": "/root", **env},
            cwd="/",
            user=User(0, 0),
            binds=given,
        )
        (bundle / "config.json").write_text(json.dumps(spec))
        words = self.runtime.argv(bundle, name, bundle / "pid")
        return subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )


@contextlib.contextmanager
def registry(containers: Containers, roots: Roots, password: str, folder: Path) -> Iterator[int]:
    """Run a registry that demands the password, and give its port, which the kernel chooses.

    It keeps images in memory: how quick this machine's disk is to sync is not what is measured.
    """
    images = roots.registry / "var" / "lib" / "registry"
    images.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", images], check=True)
    htpasswd = folder / "htpasswd"
    htpasswd.write_text(f"{USER}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n")
    env = {
        "REGISTRY_AUTH": "htpasswd",
        "REGISTRY_AUTH_HTPASSWD_REALM": "benchmark",
        "REGISTRY_AUTH_HTPASSWD_PATH": "/etc/htpasswd",
        "REGISTRY_HTTP_ADDR": "127.0.0.1:0",
        "REGISTRY_LOG_ACCESSLOG_DISABLED": "true",
    }
    server = containers.start(roots.registry, roots.command, env, {"/etc/htpasswd": htpasswd})
    try:
        yield _port(server)
    finally:
        server.terminate()
        server.wait()
        subprocess.run(["umount", "--lazy", images], check=True)


def _port(server: "subprocess.Popen[str]") -> int:
    """Return the port that the registry says it listens on; its log is read on for as long as it runs."""
    found: queue.SimpleQueue[int] = queue.SimpleQueue()
    said: list[str] = []

    def read() -> None:
        for line in server.stdout or ():
            if match := _LISTENING.search(line):
                found.put(int(match[1]))
            said[:] = [*said, line][-5:]

    threading.Thread(target=read, daemon=True).start()
    try:
        return found.get(timeout=_PATIENCE)
    except queue.Empty:
        raise SystemExit(f"the registry did not start within {_PATIENCE} s; it said:\n{''.join(said)}") from None


def push_images(port: int, password: str, repositories: Sequence[str], tag: str, *, layers: int = 4) -> None:
    """Give each repository an image of its own: small, in several layers."""
    pair = base64.b64encode(f"{USER}:{password}".encode()).decode()
    connection = HTTPConnection("127.0.0.1", port)

    def send(method: str, path: str, body: bytes = b"", kind: str = "application/octet-stream") -> str:
        connection.request(method, path, body, {"Authorization": f"Basic {pair}", "Content-Type": kind})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status not in {201, 202}:
            raise SystemExit(f"the registry answers {method} {path} with {answer.status}: {said.decode()}")
        return answer.headers["Location"]

    def upload(repository: str, data: bytes, kind: str) -> dict[str, object]:
        digest = f"sha256:{sha256(data).hexdigest()}"
        place = send("POST", f"/v2/{repository}/blobs/uploads/").partition(f":{port}")[2]
        send("PUT", f"{place}&digest={digest}", data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest, "size": len(data)}

    for repository in repositories:
        parts = [upload(repository, os.urandom(1 << 16), "layer.v1.tar") for _ in range(layers)]
        described = {
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [part["digest"] for part in parts]},
        }
        config = upload(repository, json.dumps(described).encode(), "config.v1+json")
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": parts}
        send("PUT", f"/v2/{repository}/manifests/{tag}", json.dumps(manifest).encode(), _MANIFEST)
    connection.close()
