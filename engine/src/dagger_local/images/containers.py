"""Run skopeo on the engine's own storage, deaf to the host's container configuration."""

import base64
import hashlib
import json
import os
import re
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from dagger_local.disk import NoSpaceError, is_full, is_no_space
from dagger_local.errors import EngineError
from dagger_local.images.model import RegistryAuth
from dagger_local.images.references import registry_of
from dagger_local.process import Completed, ProgramError, run

_STORAGE = """\
[storage]
driver = "overlay"
graphroot = {root}
runroot = {run}
"""
_REGISTRIES = 'unqualified-search-registries = []\nshort-name-mode = "disabled"\n'
_POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}\n'


class Containers:
    """skopeo, told where the storage is by configuration files in this session's run directory."""

    def __init__(self, state: Path, run_directory: Path) -> None:
        self.state = state
        self.root = state / "storage"
        self.run = run_directory
        self.temporary = state / "tmp"
        self.patience = 60.0
        """How many seconds a registry may keep a program waiting."""
        self._environment: dict[str, str] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What the program's environment must say; the files it names are written on first use."""
        if not self._environment:
            self._environment = self._prepare()
        return self._environment

    async def skopeo(
        self,
        *words: str | Path,
        on_line: Callable[[str], None] | None = None,
        check: bool = True,
        patience: float | None = None,
    ) -> Completed:
        """Run skopeo; raises TimeoutError when it comes no further for `patience` seconds."""
        env = self.environment
        argv = ["skopeo", "--policy", self._policy, *words]
        completed = await run(argv, env=env, on_line=on_line, check=False, patience=patience)
        if completed.exit_code:
            error = ProgramError(completed)
            if is_no_space(error) or is_full(self.state, completed.stderr):
                raise NoSpaceError(self.state)
            if "is not supported over" in completed.stderr or "backing file system is unsupported" in completed.stderr:
                raise EngineError(
                    f"overlayfs cannot be put on the file system of {self.state}; "
                    "set DAGGER_LOCAL_STATE to a folder on ext4, xfs or btrfs"
                )
            if check:
                raise error
        return completed

    @property
    def _policy(self) -> Path:
        return self.run / "policy.json"

    def private(self) -> Path:
        """Return this session's folder, which only this user can look into."""
        self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.run

    def authfile(self, auth: Sequence[RegistryAuth]) -> list[str]:
        """Write credentials to a file that only this user reads; return the options that name it, none without any."""
        if not auth:
            return []
        entries = {
            registry_of(one.address): {"auth": base64.b64encode(f"{one.username}:{one.password}".encode()).decode()}
            for one in auth
        }
        text = json.dumps({"auths": entries}, sort_keys=True)
        path = self.run / f"auth-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
        write_private(path, text.encode())
        return ["--authfile", str(path)]

    def _prepare(self) -> dict[str, str]:
        for directory in (self.root, self.temporary):
            directory.mkdir(parents=True, exist_ok=True)
        storage = self.private() / "storage.conf"
        storage.write_text(
            _STORAGE.format(root=json.dumps(str(self.root)), run=json.dumps(str(self.run / "containers")))
        )
        registries = self.run / "registries.conf"
        registries.write_text(_REGISTRIES)
        self._policy.write_text(_POLICY)
        empty = self.run / "containers.conf"
        empty.write_text("")
        return {
            "CONTAINERS_STORAGE_CONF": str(storage),
            "CONTAINERS_REGISTRIES_CONF": str(registries),
            "CONTAINERS_CONF": str(empty),
            "TMPDIR": str(self.temporary),
        }


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only this user can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    partial.replace(path)


def last_words(completed: Completed) -> str:
    """Reduce what a program of the containers family said to its one telling line, without its log prefixes."""
    lines = [line for line in completed.stderr.splitlines() if line.strip()]
    text = lines[-1] if lines else f"exit status {completed.exit_code}"
    logged = re.search(r'level=(?:fatal|error) msg="((?:[^"\\]|\\.)*)"', text)
    return (logged[1].replace('\\"', '"') if logged else text.removeprefix("Error: ")).strip()
