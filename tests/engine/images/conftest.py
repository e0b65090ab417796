"""An image store on the machine's own storage, and a real registry that demands a password."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import bcrypt
import pytest

from dagger_local.images import ImageStore, RegistryAuth
from dagger_local.process import run


@dataclass(frozen=True)
class Registry:
    """A running docker-registry."""

    address: str
    auth: RegistryAuth
    log: Path


@pytest.fixture
async def store(new_state: Callable[[], Path], tmp_path: Path) -> AsyncIterator[ImageStore]:
    if os.geteuid():
        pytest.skip("mounting images needs root")
    state = new_state()
    opened = ImageStore(state, tmp_path / "run")
    yield opened
    await opened.close()
    # Outside of the engine's own mount namespace, what the storage's driver mounts stays.
    for mounted in (state / "storage" / "overlay", tmp_path / "run" / "containers" / "overlay"):
        await run(["umount", "--quiet", mounted], check=False)


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    if not shutil.which("docker-registry"):
        pytest.skip("docker-registry is not installed")
    place = tmp_path_factory.mktemp("registry")
    password = secrets.token_hex(16)
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    (place / "htpasswd").write_text(f"tester:{hashed}\n")
    address = f"127.0.0.1:{_free_port()}"
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(place / "data")}},
        "http": {"addr": address},
        "auth": {"htpasswd": {"realm": "test", "path": str(place / "htpasswd")}},
    }
    (place / "config.yml").write_text(json.dumps(config))
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", place / "config.yml"], stdout=log, stderr=log)
    try:
        _wait_for(f"http://{address}/v2/")
        yield Registry(address, RegistryAuth(address, "tester", password), place / "log")
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def context(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a build context with a Dockerfile."""

    def make(dockerfile: str) -> Path:
        place = tmp_path / "context"
        place.mkdir(exist_ok=True)
        (place / "Dockerfile").write_text(dockerfile)
        return place

    return make


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _wait_for(url: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with contextlib.suppress(urllib.error.URLError):
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(url)  # noqa: S310
            return
    raise TimeoutError(url)
