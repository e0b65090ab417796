"""The small value types of containers: variables, labels, ports, health checks, cache volumes, sockets."""

from dataclasses import dataclass
from pathlib import Path

from dagger_local.api.objects.base import Object
from dagger_local.store.tree import Tree


@dataclass(frozen=True, slots=True)
class EnvVariable(Object):
    """An environment variable."""

    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Label(Object):
    """A label of an image."""

    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Port(Object):
    """A port that a container exposes."""

    port: int = 0
    protocol: str = "TCP"
    description: str | None = None
    experimental_skip_healthcheck: bool = False


@dataclass(frozen=True, slots=True)
class HealthcheckConfig(Object):
    """A Docker health check; durations as Go writes them (30s)."""

    args: tuple[str, ...] = ()
    shell: bool = False
    interval: str = ""
    timeout: str = ""
    start_period: str = ""
    start_interval: str = ""
    retries: int = 0


@dataclass(frozen=True, slots=True)
class CacheVolume(Object):
    """A cache volume; `source` is what it holds at first."""

    key: str = ""
    sharing: str = "SHARED"
    source: Tree = ()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Socket(Object):
    """A Unix socket of the host."""

    path: Path = Path()
