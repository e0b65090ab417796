"""The parts of a running engine, put together."""

import asyncio
import ctypes
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dagger_local import cgroups
from dagger_local.api.evaluate import Evaluator
from dagger_local.api.secrets import load_salt
from dagger_local.errors import EngineError
from dagger_local.execution.caches import Caches
from dagger_local.execution.container import Builder
from dagger_local.execution.executor import Executor
from dagger_local.execution.network import Networks
from dagger_local.execution.runtime import find_runtime
from dagger_local.execution.services import Services
from dagger_local.images.store import ImageStore
from dagger_local.store.collection import collect_if_due
from dagger_local.store.contexts import Contexts
from dagger_local.store.mounts import Mounter
from dagger_local.store.snapshots import SnapshotStore


@dataclass(slots=True)
class Engine:
    """What the API works with. `state` outlives the process; `run` is a tmpfs of this process's own."""

    state: Path
    run: Path
    name: str
    salt: bytes = field(repr=False)
    store: SnapshotStore
    mounter: Mounter
    contexts: Contexts
    images: ImageStore
    executor: Executor
    services: Services
    evaluator: Evaluator
    secrets: dict[str, bytes] = field(default_factory=dict, repr=False)
    """What was set by a name; each session's own."""
    port: int = 0
    nested_token: str = field(default="", repr=False)
    """What commands in containers ask by, when they are given the session."""


@asynccontextmanager
async def open_engine(state: Path, evaluator: Evaluator) -> AsyncIterator[Engine]:
    """Start an engine on `state`. Needs a mount namespace of its own (see `namespace.enter`)."""
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"{state}: {error.strerror}; set DAGGER_LOCAL_STATE to a folder that you own") from None
    name = uuid.uuid4().hex[:12]
    run = _private_tmpfs(state / "run")
    store = SnapshotStore(state)
    mounter = Mounter(state)
    runtime = await find_runtime(run, state / "runtime", wanted=os.environ.get("DAGGER_LOCAL_RUNTIME", ""))
    networks = Networks(own=runtime.own_network and not _shares_network())
    builder = Builder(mounter, Caches(state), networks, run)
    services = Services(store, builder, runtime, networks)
    engine = Engine(
        state=state,
        run=run,
        name=name,
        salt=load_salt(state),
        store=store,
        mounter=mounter,
        contexts=Contexts(mounter, run),
        images=ImageStore(state, run, mounter),
        executor=Executor(store, builder, runtime),
        services=services,
        evaluator=evaluator,
    )
    try:
        yield engine
    finally:
        await evaluator.close()
        await services.close()
        await networks.close()
        await engine.images.close()
        await store.close()
        cgroups.remove(cgroups.own_groups())
        if store.has_made:
            await asyncio.to_thread(collect_if_due, state)
        mounter.close()


def _shares_network() -> bool:
    """Whether containers are to have this machine's network; raises EngineError for a setting that means nothing."""
    wanted = os.environ.get("DAGGER_LOCAL_NETWORK", "")
    if wanted not in ("", "host"):
        raise EngineError(f"DAGGER_LOCAL_NETWORK={wanted} is not known; set it to host, or leave it out")
    return wanted == "host"


def _private_tmpfs(place: Path) -> Path:
    """Mount a tmpfs that only this process's mount namespace sees: what is in it is never on a disk."""
    place.mkdir(exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", 0, b"mode=0700"):
        raise EngineError(f"a tmpfs cannot be mounted at {place}: {os.strerror(ctypes.get_errno())}; run as root")
    return place
