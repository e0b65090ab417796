"""Keep a module's definition between runs, as JSON, by the digest of the source that it was learnt from."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagger_local import __version__
from dagger_local.api.objects import typedef
from dagger_local.api.objects.module import Module
from dagger_local.engine import Engine
from dagger_local.modules.source import ModuleSource

_CLASSES: Mapping[str, type[Any]] = {
    name: cls for name, cls in vars(typedef).items() if isinstance(cls, type) and dataclasses.is_dataclass(cls)
} | {"Module": Module}
_SHAPES = sorted(
    f"{name}.{each.name}: {each.type}" for name, cls in _CLASSES.items() for each in dataclasses.fields(cls)
)
_UNKEPT = ("engine", "given_checks", "given_generators", "given_services")
_SKIPPED = {".venv", "sdk", "node_modules", "__pycache__"}


def key_of_source(source: ModuleSource, python: Path) -> str:
    """Return the digest of all that the module's types can come from, and of how they are kept. Blocking.

    They come from its code and its environment.
    """
    total = hashlib.sha256(f"{__version__} {python} {source.alias} {_SHAPES}".encode())
    described = [source.pyproject] if source.project else []
    for path in [source.root / "dagger.json", *described, *_code(source.code)]:
        total.update(f"\n{path}\n".encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:32]


def _code(folder: Path) -> list[Path]:
    source = folder / "src"
    return sorted(
        path
        for path in (source if source.is_dir() else folder).rglob("*.py")
        if not _SKIPPED & set(path.relative_to(folder).parts)
    )


def load(engine: Engine, key: str) -> Module | None:
    """Return the definition kept under the key, if there is one. Blocking."""
    known = engine.store.recall(f"module-{key}")
    try:
        found = _read(engine, json.loads(known)) if known else None
    except (ValueError, KeyError, TypeError):  # torn, or of another shape
        return None
    return found if isinstance(found, Module) else None


def keep(engine: Engine, key: str, definition: Module) -> None:
    """Keep the definition under the key. Blocking."""
    engine.store.remember(f"module-{key}", text(definition).encode())


def text(definition: Module) -> str:
    """Return the definition as JSON: all that the module's part of the schema, and its types, are made from."""
    return json.dumps(_write(definition))


def _write(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = {each.name: getattr(value, each.name) for each in dataclasses.fields(value) if each.name not in _UNKEPT}
        return {"is": type(value).__name__, **{name: _write(item) for name, item in kept.items()}}
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    return value


def _read(engine: Engine, value: Any) -> Any:
    match value:
        case Mapping():
            fields = {name: _read(engine, item) for name, item in value.items() if name != "is"}
            return _CLASSES[value["is"]](engine=engine, **fields)
        case list():
            return tuple(_read(engine, item) for item in value)
        case _:
            return value
