"""A module's source: what dagger.json and pyproject.toml say."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dagger_local import __version__
from dagger_local.api.names import pascal, snake
from dagger_local.errors import EngineError, UnsupportedError

SDK_NAME = "dagger-io"
_PYTHON_SDKS = ("python", "github.com/dagger/dagger/sdk/python")


@dataclass(frozen=True, slots=True)
class Dependency:
    """Another module that a module calls, by the name that it has there; `source` is a path or an address."""

    name: str
    source: str
    pin: str = ""
    is_toolchain: bool = False
    """Whether it is offered beside the module's own functions, and its default paths begin at the module."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What else dagger.json says of it."""

    @property
    def is_local(self) -> bool:
        """Tell whether it is a folder, as Dagger tells: a Git address names a host."""
        return not self.pin and (self.source.startswith(".") or "." not in self.source.partition("/")[0])


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """A Python module in `root`, the folder of its dagger.json; `context` is the Git repository around it.

    `name` is that of its main object's class; a module that depends on it may call it by another, `alias`.
    """

    name: str
    root: Path
    context: Path
    code: Path
    main_object: str
    package: str
    entry_point: str
    project: Mapping[str, Any]
    """What pyproject.toml says; empty without one."""
    dependencies: tuple[Dependency, ...] = ()
    alias: str = ""
    user: Path | None = None
    """The folder that relative default paths begin at, if it is another's: that of the module with this toolchain."""

    @property
    def api_name(self) -> str:
        """The name in the API."""
        return self.alias or self.name

    @property
    def pyproject(self) -> Path:
        return self.code / "pyproject.toml"

    @property
    def lock(self) -> Path:
        return self.code / "requirements.lock"

    def declared(self) -> dict[str, Any]:
        """Return what of pyproject.toml the environment is made from."""
        project = self.project.get("project", {})
        kept = {name: project.get(name) for name in ("dependencies", "dynamic", "requires-python")}
        return {**kept, "uv": self.project.get("tool", {}).get("uv"), "groups": self.project.get("dependency-groups")}

    def sources(self) -> dict[str, list[Mapping[str, Any]]]:
        """Return from where tool.uv.sources says that packages come: all but the SDK, which is this engine's."""
        said = self.project.get("tool", {}).get("uv", {}).get("sources", {})
        places = {normalised(name): place if isinstance(place, list) else [place] for name, place in said.items()}
        return {name: place for name, place in places.items() if name != SDK_NAME}

    def local_sources(self) -> dict[str, list[Mapping[str, Any]]]:
        """Return those of them that are folders or files of the repository."""
        return {
            name: place
            for name, place in self.sources().items()
            if any("path" in each or "workspace" in each for each in place)
        }


def normalised(name: str) -> str:
    """Return a package's name as indexes compare them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def find_module(path: Path) -> ModuleSource:
    """Read the module in `path`, or in the nearest folder above it. Blocking.

    Raises EngineError when there is none, or it is not in Python.
    """
    start = path.resolve()
    if not start.exists():
        raise EngineError(f"{path} does not exist; name a folder with a dagger.json by -m")
    root = next((folder for folder in (start, *start.parents) if (folder / "dagger.json").is_file()), None)
    if root is None:
        raise EngineError(f"there is no dagger.json in {start} or above it; name a module's folder by -m")
    return read_module(root)


def read_module(root: Path, alias: str = "") -> ModuleSource:
    """Read the module whose dagger.json is in `root`, called `alias` by the one that depends on it. Blocking.

    Raises EngineError, in Dagger's words for what it refuses too.
    """
    settings = _read_json(root / "dagger.json")
    name = settings.get("name")
    if not isinstance(name, str) or not name:
        raise EngineError(f"{root / 'dagger.json'} has no name; add one")
    _check_version(str(settings.get("engineVersion") or ""))
    sdk = settings.get("sdk")
    kind = sdk.get("source", "") if isinstance(sdk, dict) else sdk or ""
    if str(kind).partition("@")[0] not in _PYTHON_SDKS:
        raise UnsupportedError(f"a module in {kind or 'no language'} (only Python ones run here)")
    if settings.get("blueprint"):
        raise UnsupportedError("a module with a blueprint in its dagger.json")
    below = str(settings.get("source") or ".")
    code = (root / below).resolve()
    if Path(below).is_absolute() or not code.is_relative_to(root):
        raise EngineError(f'source path "{below}" contains parent directory components')
    project = _read_toml(code / "pyproject.toml")
    if project and not any(code.glob("*.py")) and not any((code / "src").rglob("*.py")):
        raise EngineError(f"no python files found in module source {code}")
    said = project.get("project", {})
    package = str(said.get("name") or snake(pascal(name))).replace("-", "_").replace(".", "_").lower()
    entry = said.get("entry-points", {}).get("dagger.mod", {}).get("main_object", "")
    depends = [_dependency(each) for each in settings.get("dependencies") or ()]
    depends += [replace(_dependency(each), is_toolchain=True) for each in settings.get("toolchains") or ()]
    return ModuleSource(
        *(name, root, _context(root), code, pascal(name), package, entry, project),
        dependencies=tuple(depends),
        alias=alias,
    )


def _dependency(said: Any) -> Dependency:
    match said:
        case str(source):  # as it was written before dependencies had names
            return Dependency(source.partition("@")[0].rstrip("/").rpartition("/")[2], source)
        case {"source": str(source), **rest}:
            name = rest.get("name") or source.partition("@")[0].rstrip("/").rpartition("/")[2]
            others = {str(key): value for key, value in rest.items() if key not in ("name", "pin")}
            return Dependency(str(name), source, str(rest.get("pin") or ""), settings=others)
        case _:
            raise EngineError(f"dagger.json: {said!r} is no dependency; write its name and its source")


def _check_version(wanted: str) -> None:
    """Refuse a module of a later API than this engine's. Raises EngineError."""
    found = re.match(r"v?(\d+)\.(\d+)", wanted)
    own = tuple(map(int, __version__.split(".")[:2]))
    if found and (int(found[1]), int(found[2])) > own:
        raise EngineError(f"module requires dagger {wanted}, but you have v{__version__}")


def _context(root: Path) -> Path:
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except ValueError as error:
        raise EngineError(f"{path} is no JSON object: {error}") from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise EngineError(f"{path}: {error}") from None


def env_files(root: Path, here: Path) -> tuple[Path | None, Path | None]:
    """Return the `.env` of a module's folder, and the nearest one where it is called or above. Blocking."""
    inner = root / ".env"
    outer = next((folder / ".env" for folder in (here, *here.parents) if (folder / ".env").exists()), None)
    return inner if inner.is_file() else None, outer if outer and outer.is_file() else None
