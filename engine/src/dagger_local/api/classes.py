"""Which class stands behind which GraphQL type, and which functions behind the fields that a class leaves out."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from dagger_local.api.objects import (
    changeset,
    docker_build,
    file,
    generator,
    git,
    module,
    search,
    small,
    stat,
    typedef,
    values,
)
from dagger_local.api.objects.address import Address
from dagger_local.api.objects.container import Container
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.env_file import EnvFile
from dagger_local.api.objects.file import File
from dagger_local.api.objects.host import Host
from dagger_local.api.objects.query import Query
from dagger_local.api.objects.secret import Secret
from dagger_local.api.objects.service import Service

_CLASSES: dict[str, type] = {
    each.__name__: each
    for each in (
        *(Address, Container, Directory, EnvFile, File, Host, Query, Secret, Service),
        *(changeset.Changeset, changeset.DiffStat, git.GitRef, git.GitRepository),
        *(generator.Generator, generator.GeneratorGroup),
        *(module.Check, module.CheckGroup, module.CurrentModule, module.FunctionCall),
        *(module.FunctionCallArgValue, module.Module, module.Workspace),
        *(search.SearchResult, search.SearchSubmatch, stat.Stat),
        *(small.CacheVolume, small.EnvVariable, small.HealthcheckConfig, small.Label, small.Port, small.Socket),
        *(typedef.EnumTypeDef, typedef.EnumValueTypeDef, typedef.FieldTypeDef, typedef.Function),
        *(typedef.FunctionArg, typedef.InputTypeDef, typedef.InterfaceTypeDef, typedef.ListTypeDef),
        *(typedef.ObjectTypeDef, typedef.ScalarTypeDef, typedef.SourceMap, typedef.TypeDef),
        *(values.Error, values.ErrorValue, values.JSONValue),
    )
}

_FIELDS: dict[tuple[str, str], Callable[..., Any]] = {
    ("Directory", "asGit"): git.as_git,
    ("Directory", "changes"): changeset.changes,
    ("Directory", "diff"): changeset.diff,
    ("Directory", "dockerBuild"): docker_build.docker_build,
    ("Directory", "withChanges"): changeset.with_changes,
    ("Directory", "withPatch"): changeset.with_patch,
    ("Directory", "withPatchFile"): changeset.with_patch_file,
    ("EnvFile", "asFile"): file.env_file_as_file,
}
"""Fields that lead to a type above their own: their functions are in that one's file, and imports go one way."""

_RARE_CLASSES = {
    **dict.fromkeys(("GeneratedCode", "ModuleSource", "SDKConfig"), "module_source"),
    **dict.fromkeys(("Up", "UpGroup"), "up"),
}
_RARE_FIELDS = {
    ("CurrentModule", "workdir"): ("workspace", "workdir"),
    ("CurrentModule", "workdirFile"): ("workspace", "workdir_file"),
    ("Directory", "asModuleSource"): ("module_source", "as_module_source"),
    ("Query", "currentTypeDefs"): ("core_types", "current_type_defs"),
    ("Query", "generatedCode"): ("module_source", "generated_code"),
    ("Query", "moduleSource"): ("module_source", "module_source"),
    ("Module", "services"): ("up", "services_of_module"),
    ("Workspace", "directory"): ("workspace", "directory"),
    ("Workspace", "file"): ("workspace", "file"),
    ("Workspace", "findUp"): ("workspace", "find_up"),
    ("Workspace", "services"): ("up", "services_of_workspace"),
}
"""What few sessions ask for, with the module of `objects` that is imported when one does."""


def class_of(name: str) -> type | None:
    """Return the class that stands behind a GraphQL type."""
    if found := _CLASSES.get(name):
        return found
    return _rare(_RARE_CLASSES[name], name) if name in _RARE_CLASSES else None


def field_of(type_name: str, field: str) -> Callable[..., Any] | None:
    """Return the function behind a field that the type's class leaves out."""
    if found := _FIELDS.get((type_name, field)):
        return found
    where = _RARE_FIELDS.get((type_name, field))
    return _rare(*where) if where else None


def _rare(module: str, name: str) -> Any:
    return getattr(import_module(f"dagger_local.api.objects.{module}"), name)
