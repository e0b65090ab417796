"""A session for the engine's tests: the one that runs already, else one of the local engine on a state of its own."""

import secrets
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import bcrypt
import dagger
import pytest
from support import engine

from dagger_local.images import RegistryAuth
from dagger_local.state import default_state

ALPINE = "alpine:3.22.2"
_SOURCES = Path(__file__).parents[2] / "engine" / "src"
_IMAGES = ("apt", "references", "stand-ins", "storage")
_MODULES = ("modules",)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command line of these sources, as one executable file."""
    place = tmp_path_factory.mktemp("program") / "dagger-local"
    place.write_text(f"#!{sys.executable} -P\nimport sys\nsys.path.insert(0, {str(_SOURCES)!r})\n"
                     "from dagger_local.__main__ import main\nmain()\n")  # fmt: skip
    place.chmod(0o755)
    return place


@pytest.fixture(scope="session")
def new_state(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes states, in folders of their own or in a given one: with the images that are there, but no snapshots yet."""

    def make(state: Path | None = None) -> Path:
        state, kept = state or tmp_path_factory.mktemp("state"), default_state()
        for name in (*_IMAGES, *_MODULES):
            (kept / name).mkdir(parents=True, exist_ok=True)
            (state / name).symlink_to(kept / name)
        (kept / "sessions.lock").touch()
        (state / "sessions.lock").symlink_to(kept / "sessions.lock")
        return state

    return make


@pytest.fixture(scope="session")
def session_state(new_state: Callable[[], Path]) -> Path:
    """The state of the session that the tests share."""
    return new_state()


@pytest.fixture(scope="session")
async def dag(anyio_backend: str, program: Path, session_state: Path) -> AsyncIterator[dagger.Client]:
    """A client of a session."""
    with pytest.MonkeyPatch.context() as patch:
        if not engine.DAGGER:
            patch.setenv("_EXPERIMENTAL_DAGGER_CLI_BIN", str(program))
            patch.setenv("DAGGER_LOCAL_STATE", str(session_state))
        async with dagger.Connection(dagger.Config(log_output=sys.stderr)) as client:
            yield client


@pytest.fixture
def alpine(dag: dagger.Client) -> dagger.Container:
    return dag.container().from_(ALPINE)


@dataclass(frozen=True, slots=True)
class Registry:
    """A running registry that demands a password: its service, and its address on this machine."""

    service: dagger.Service
    address: str
    username: str
    password: str = field(repr=False)

    @property
    def auth(self) -> RegistryAuth:
        """The right to use it."""
        return RegistryAuth(self.address, self.username, self.password)


@pytest.fixture(scope="session")
async def registry(dag: dagger.Client) -> AsyncIterator[Registry]:
    username, password = "robot", secrets.token_urlsafe(24)
    line = f"{username}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n"
    service = (
        dag.container()
        .from_("registry:3.0.0")
        .with_mounted_secret("/auth/htpasswd", dag.set_secret("registry-htpasswd", line))
        .with_env_variable("REGISTRY_AUTH", "htpasswd")
        .with_env_variable("REGISTRY_AUTH_HTPASSWD_REALM", "tests")
        .with_env_variable("REGISTRY_AUTH_HTPASSWD_PATH", "/auth/htpasswd")
        .with_exposed_port(5000)
        .as_service(use_entrypoint=True)
    )
    await service.start()
    tunnel = await dag.host().tunnel(service).start()
    port = (await tunnel.endpoint()).rpartition(":")[2]
    yield Registry(service, f"127.0.0.1:{port}", username, password)
    await tunnel.stop()
    await service.stop()


@pytest.fixture
def local_only() -> None:
    """Skip what only the local engine promises."""
    if engine.DAGGER:
        pytest.skip("this is about the local engine")
