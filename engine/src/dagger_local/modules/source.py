"""A module's source: what dagger.json and pyproject.toml say."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagger_local.api.names import pascal
from dagger_local.errors import EngineError, UnsupportedError

_PYTHON_SDKS = ("python", "github.com/dagger/dagger/sdk/python")


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """A Python module in `root`, the folder of its dagger.json; `context` is the Git repository around it."""

    name: str
    root: Path
    context: Path
    code: Path
    main_object: str
    package: str
    entry_point: str

    @property
    def pyproject(self) -> Path:
        return self.code / "pyproject.toml"

    @property
    def lock(self) -> Path:
        return self.code / "requirements.lock"


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
    settings = _read_json(root / "dagger.json")
    name = settings.get("name")
    if not isinstance(name, str) or not name:
        raise EngineError(f"{root / 'dagger.json'} has no name; add one")
    sdk = settings.get("sdk")
    kind = sdk.get("source", "") if isinstance(sdk, dict) else sdk or ""
    if str(kind).partition("@")[0] not in _PYTHON_SDKS:
        raise UnsupportedError(f"a module in {kind or 'no language'} (only Python ones run here)")
    for section in ("dependencies", "toolchains", "blueprint"):
        if settings.get(section):
            raise UnsupportedError(f"a module with {section} in its dagger.json")
    code = (root / settings.get("source", ".")).resolve()
    if not code.is_relative_to(root):
        raise EngineError(f"{root / 'dagger.json'}: source leads out of the module; keep it inside")
    project = _read_toml(code / "pyproject.toml")
    package = str(project.get("project", {}).get("name") or name).replace("-", "_").replace(".", "_").lower()
    entry = project.get("project", {}).get("entry-points", {}).get("dagger.mod", {}).get("main_object", "")
    return ModuleSource(name, root, _context(root), code, pascal(name), package, entry)


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
        raise EngineError(f"{path} is missing; a Python module needs one") from None
    except tomllib.TOMLDecodeError as error:
        raise EngineError(f"{path}: {error}") from None
