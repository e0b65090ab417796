"""A stage in the making."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dagger_local.images.model import Image, image_tree
from dagger_local.store.tree import Tree

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class State:
    """What the instructions so far have made: files, the image configuration's `config`, and the variables in scope."""

    platform: str
    image: Image | None = None
    layers: Tree = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    """What words and RUN see: the image's environment, and the arguments declared so far."""
    has_cmd: bool = False
    """Whether this stage has its own CMD, which ENTRYPOINT then leaves alone."""

    @property
    def tree(self) -> Tree:
        """All files."""
        return (*image_tree(self.image), *self.layers)

    @property
    def workdir(self) -> str:
        return str(self.config.get("WorkingDir") or "/")

    @property
    def shell(self) -> tuple[str, ...]:
        return tuple(self.config.get("Shell") or ("/bin/sh", "-c"))

    def configured(self, **changes: Any) -> "State":
        """Set sections of the configuration; what is None is taken out."""
        config = {**self.config, **changes}
        return replace(self, config={name: value for name, value in config.items() if value is not None})

    def added(self, section: str, more: Mapping[str, Any]) -> "State":
        """Add to a section of names and values."""
        return self.configured(**{section: {**(self.config.get(section) or {}), **more}})

    def with_env(self, name: str, value: str) -> "State":
        """Set a variable of the image, which keeps the place that it has."""
        env = dict(item.partition("=")[::2] for item in self.config.get("Env") or ())
        env[name] = value
        changed = self.configured(Env=[f"{key}={text}" for key, text in env.items()])
        return replace(changed, variables={**self.variables, name: value})

    def begun(self, platform: str) -> "State":
        """Begin a stage on this: its environment in scope, PATH always set."""
        env = dict(item.partition("=")[::2] for item in self.config.get("Env") or ())
        state = replace(self, platform=platform, variables={**self.variables, **env}, has_cmd=False)
        return state if "PATH" in env else state.with_env("PATH", _PATH)
