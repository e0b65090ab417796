"""Stand-ins that were built: for each recipe, what it came to, and the layer that it laid on another one's."""

import json
import shutil
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dagger_local.images.containers import write_private
from dagger_local.images.model import Image
from dagger_local.images.stand_ins import StandIn
from dagger_local.platforms import own_platform
from dagger_local.store.guard import note_use

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Built:
    """A stand-in: the version that was found, the names of its layers, lowest first, and its configuration."""

    version: str
    layers: tuple[str, ...]
    config: dict[str, Any]


class StandInStore:
    """Small files under `directory`, and layers in its folder `layers`, each named anew whenever it is built."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find(self, recipe: StandIn) -> Built | None:
        """Return what a recipe came to, unless a part of it is gone."""
        try:
            built = json.loads(self._file(recipe).read_text())
        except (FileNotFoundError, ValueError):
            return None
        found = Built(built["version"], tuple(built["layers"]), built["config"])
        for name in found.layers:
            note_use(self._layer(name).parent)
        return found if all(self._layer(name).is_dir() for name in found.layers) else None

    def keep(self, recipe: StandIn, fresh: Path, version: str, below: Built | None) -> Built:
        """Keep a layer that was made in the folder `fresh`."""
        layer = self._layer(fresh.name)
        layer.parent.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(layer.parent)
        built = Built(version, (*(below.layers if below else ()), fresh.name), _config(recipe))
        write_private(self._file(recipe), json.dumps(asdict(built)).encode())
        return built

    def fresh(self, recipe: StandIn) -> Path:
        """Return the folder for a new layer of a recipe, which becomes its name; its files go to `fs` in it."""
        place = self._directory / "fresh" / f"{recipe.digest}-{uuid.uuid4().hex[:8]}"
        place.mkdir(parents=True)
        return place

    def image(self, recipe: StandIn, built: Built, reference: str) -> Image:
        """Return a stand-in as an image."""
        system, architecture = own_platform().split("/")[:2]
        whole = {"os": system, "architecture": architecture, "config": built.config}
        layers = tuple(self._layer(name) for name in built.layers)
        return Image(recipe.digest, layers, whole, "", reference, stand_in=True)

    def discard(self, fresh: Path) -> None:
        """Remove what a failed build left."""
        shutil.rmtree(fresh, ignore_errors=True)

    def lock(self, recipe: StandIn) -> Path:
        """Return the file that whoever builds a recipe holds."""
        return self._directory / "locks" / recipe.digest

    def _file(self, recipe: StandIn) -> Path:
        return self._directory / "built" / f"{recipe.digest}.json"

    def _layer(self, name: str) -> Path:
        return self._directory / "layers" / name / "fs"


def _config(recipe: StandIn) -> dict[str, Any]:
    """Write a recipe's configuration as images have it."""
    said = recipe.config
    config = {
        "Env": list(said.get("env", (_PATH,))),
        "Cmd": list(said.get("cmd", ())),
        "Entrypoint": list(said.get("entrypoint", ())),
        "User": said.get("user", ""),
        "WorkingDir": said.get("workdir", ""),
        "StopSignal": said.get("stop-signal", ""),
        "ExposedPorts": {port if "/" in port else f"{port}/tcp": {} for port in map(str, said.get("ports", ()))},
        "Volumes": {path: {} for path in said.get("volumes", ())},
    }
    return {name: value for name, value in config.items() if value}
