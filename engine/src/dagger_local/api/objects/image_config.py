"""The image configuration of a container, as values; from and to the OCI image specification's `config`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

_SECOND = 10**9
_UNITS = {"h": 3600 * _SECOND, "m": 60 * _SECOND, "s": _SECOND, "ms": 10**6, "us": 10**3, "ns": 1}


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What an image says of how it is run. `rest` keeps what this engine has no field for."""

    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    user: str = ""
    workdir: str = ""
    ports: tuple[str, ...] = ()
    healthcheck: Mapping[str, Any] | None = None
    rest: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def read(config: Mapping[str, Any]) -> "ImageConfig":
        """Read the `config` section of an image."""
        known = {"Env", "Labels", "Entrypoint", "Cmd", "User", "WorkingDir", "ExposedPorts", "Healthcheck"}
        pairs = (item.partition("=") for item in config.get("Env") or ())
        return ImageConfig(
            env={name: value for name, _, value in pairs},
            labels=dict(config.get("Labels") or {}),
            entrypoint=tuple(config.get("Entrypoint") or ()),
            args=tuple(config.get("Cmd") or ()),
            user=config.get("User") or "",
            workdir=config.get("WorkingDir") or "",
            ports=tuple(config.get("ExposedPorts") or ()),
            healthcheck=config.get("Healthcheck"),
            rest={name: value for name, value in config.items() if name not in known},
        )

    def written(self) -> dict[str, Any]:
        """Return the `config` section; what is empty is left out."""
        section: dict[str, Any] = {
            **self.rest,
            "Env": [f"{name}={value}" for name, value in self.env.items()],
            "Labels": dict(self.labels),
            "Entrypoint": list(self.entrypoint),
            "Cmd": list(self.args),
            "User": self.user,
            "WorkingDir": self.workdir,
            "ExposedPorts": {port: {} for port in self.ports},
            "Healthcheck": self.healthcheck,
        }
        return {name: value for name, value in section.items() if value}

    def with_env(self, name: str, value: str | None) -> "ImageConfig":
        """Set a variable, or take it away with None."""
        if value is None:
            return replace(self, env={key: old for key, old in self.env.items() if key != name})
        return replace(self, env={**self.env, name: value})


def nanoseconds(duration: str) -> int:
    """Read a duration as Go writes it (1m30s); raises ValueError for anything else."""
    if not re.fullmatch(r"(\d+(\.\d+)?(h|ms|us|ns|m|s))+", duration):
        raise ValueError(f"{duration!r} is no duration; write it like 30s or 1m30s")
    parts = re.findall(r"(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)", duration)
    return sum(int(float(number) * _UNITS[unit]) for number, unit in parts)


def duration(count: int) -> str:
    """Write nanoseconds as Go does, in seconds."""
    seconds = count / _SECOND
    return f"{seconds:g}s" if count else ""
