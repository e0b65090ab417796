"""ModuleSource: what a module's dagger.json says; and code that a generator made."""

import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dagger_local.api.client import Client
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.host import Host
from dagger_local.api.objects.query import Query
from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.store.tree import lookup

_NAME = "dagger.json"


@dataclass(frozen=True, slots=True)
class SDKConfig(Object):
    """The SDK that a module is written with."""

    source: str
    debug: bool = False


@dataclass(frozen=True, slots=True)
class ModuleSource(Object):
    """A module's source: its dagger.json as `settings`, all that it may read as `context`, its `subpath` in there."""

    kind: str
    context: Directory
    subpath: str = "."
    settings: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""

    def module_name(self) -> str:
        return str(self.settings.get("name", ""))

    def module_original_name(self) -> str:
        return self.module_name()

    def engine_version(self) -> str:
        return str(self.settings.get("engineVersion", ""))

    def config_exists(self) -> bool:
        return bool(self.settings)

    def sdk(self) -> SDKConfig | None:
        given = self.settings.get("sdk")
        named = given.get("source", "") if isinstance(given, dict) else given
        return SDKConfig(self.engine, str(named)) if named else None

    def source_root_subpath(self) -> str:
        return self.subpath

    def source_subpath(self) -> str:
        return posixpath.normpath(posixpath.join(self.subpath, str(self.settings.get("source", "."))))

    def as_string(self) -> str:
        return self.place or self.subpath

    def context_directory(self) -> Directory:
        return self.context

    def local_context_directory_path(self) -> str:
        if self.kind != "LOCAL_SOURCE":
            raise EngineError("module source is not local")
        return self.place.removesuffix(f"/{self.subpath}")

    def directory(self, path: str) -> Directory:
        return self.context.directory(posixpath.normpath(posixpath.join(self.source_subpath(), path)))


@dataclass(frozen=True, slots=True)
class GeneratedCode(Object):
    """Code that a generator made, and which of it Git knows how."""

    code: Directory
    generated: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def vcs_generated_paths(self) -> list[str]:
        return list(self.generated)

    def vcs_ignored_paths(self) -> list[str]:
        return [*self.ignored, ".env"]

    def with_vcs_generated_paths(self, paths: list[str]) -> "GeneratedCode":
        return replace(self, generated=tuple(paths))

    def with_vcs_ignored_paths(self, paths: list[str]) -> "GeneratedCode":
        return replace(self, ignored=tuple(paths))


def generated_code(query: Query, code: Directory) -> GeneratedCode:
    """Answer Query.generatedCode."""
    return GeneratedCode(query.engine, code)


async def module_source(
    query: Query,
    ref_string: str,
    client: Client,
    ref_pin: str = "",
    disable_find_up: bool = False,
    allow_not_exists: bool = False,
    require_kind: str | None = None,
) -> ModuleSource:
    """Answer Query.moduleSource for a folder of this machine."""
    if ref_pin or "://" in ref_string or "@" in ref_string or require_kind == "GIT_SOURCE":
        raise UnsupportedError("Query.moduleSource of a Git repository")
    start = (client.workdir / ref_string).resolve()
    folders = (start,) if disable_find_up else (start, *start.parents)
    root = next((each for each in folders if (each / _NAME).is_file()), None)
    if root is None and not allow_not_exists:
        raise EngineError(f"module source {ref_string}: no {_NAME} in {start}")
    root = root or start
    around: Path = next((each for each in (root, *root.parents) if (each / ".git").exists()), root)
    context = await Host(query.engine).directory(str(around), client)
    return _read(context, root.relative_to(around).as_posix(), "LOCAL_SOURCE", str(root))


def as_module_source(directory: Directory, source_root_path: str = ".") -> ModuleSource:
    """Answer Directory.asModuleSource."""
    return _read(directory, posixpath.normpath(source_root_path).lstrip("/") or ".", "DIR_SOURCE", "")


def _read(context: Directory, subpath: str, kind: str, place: str) -> ModuleSource:
    entry = lookup(context.tree, posixpath.normpath(posixpath.join(subpath, _NAME)))
    if entry is None or not entry.is_file:
        if kind == "LOCAL_SOURCE":
            return ModuleSource(context.engine, kind, context, subpath, {}, place)
        raise EngineError(f"failed to load dir module dagger config: stat {_NAME}: no such file or directory")
    try:
        settings = dict(json.loads(entry.host.read_text()))
    except ValueError as error:
        raise EngineError(f"{_NAME} is no JSON object: {error}") from None
    return ModuleSource(context.engine, kind, context, subpath, settings, place)
