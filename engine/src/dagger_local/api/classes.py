"""Which class stands behind which GraphQL type, and which functions behind the fields that a class leaves out."""

from collections.abc import Callable
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

CLASSES: dict[str, type] = {
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

FIELDS: dict[tuple[str, str], Callable[..., Any]] = {
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
