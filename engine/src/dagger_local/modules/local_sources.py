"""Packages that a module takes from its own repository: where they may lie, and what they hold.

Imported only for modules that have such packages.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dagger_local.errors import EngineError
from dagger_local.modules.source import ModuleSource, normalised

_SKIPPED = {".git", ".venv", "__pycache__", "node_modules", ".mypy_cache", ".ruff_cache", ".pytest_cache"}

Sources = Mapping[str, list[Mapping[str, Any]]]


def check(source: ModuleSource, local: Sources) -> None:
    """Refuse a package that is not in the module's repository. Raises EngineError."""
    for name, place in local.items():
        for each in place:
            path = each.get("path")
            if path is None:
                continue
            there = (source.code / path).resolve()
            about = f"{name} of module {source.name}"
            if not there.is_relative_to(source.context.resolve()):
                raise EngineError(f"{about} is at {path}, outside of its repository; move it inside")
            if not there.exists():
                raise EngineError(f"{about} is to be at {path}, where nothing is; put it there")


def digest_of(source: ModuleSource, local: Sources) -> str:
    """Return the digest of what all these packages hold, and of where they are. Blocking."""
    total = hashlib.sha256(str(source.code).encode())
    for path in sorted(_all(source.code, local, set())):
        for file in sorted(_files(path)):
            total.update(f"\n{file}\n".encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def _all(base: Path, local: Sources, seen: set[Path]) -> set[Path]:
    """Return the places of packages, and of those that they take from beside themselves."""
    for place in local.values():
        for path in (each["path"] for each in place if "path" in each):
            there = (base / path).resolve()
            if there not in seen:
                seen.add(there)
                _all(there, _of(there), seen)
    return seen


def _of(folder: Path) -> Sources:
    try:
        said = tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["uv"]["sources"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return {}
    return {normalised(name): place if isinstance(place, list) else [place] for name, place in said.items()}


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from (each for each in _below(path.iterdir()) if each.is_file())


def _below(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.name in _SKIPPED or path.is_symlink():
            continue
        yield path
        if path.is_dir():
            yield from _below(path.iterdir())
