"""Which class stands behind which GraphQL type."""

from dagger_local.api.objects import changeset, git, module, search, small, stat, typedef, values
from dagger_local.api.objects.container import Container
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.file import File
from dagger_local.api.objects.host import Host
from dagger_local.api.objects.query import Query
from dagger_local.api.objects.secret import Secret
from dagger_local.api.objects.service import Service

CLASSES: dict[str, type] = {
    each.__name__: each
    for each in (
        *(Container, Directory, File, Host, Query, Secret, Service),
        *(changeset.Changeset, changeset.DiffStat, git.GitRef, git.GitRepository),
        *(module.Check, module.CheckGroup, module.CurrentModule, module.FunctionCall),
        *(module.FunctionCallArgValue, module.Module, module.Workspace),
        *(search.SearchResult, search.SearchSubmatch, stat.Stat),
        *(small.CacheVolume, small.EnvVariable, small.HealthcheckConfig, small.Label, small.Port, small.Socket),
        *(typedef.EnumTypeDef, typedef.EnumValueTypeDef, typedef.FieldTypeDef, typedef.Function),
        *(typedef.FunctionArg, typedef.InputTypeDef, typedef.InterfaceTypeDef, typedef.ListTypeDef),
        *(typedef.ObjectTypeDef, typedef.ScalarTypeDef, typedef.SourceMap, typedef.TypeDef),
        *(values.Address, values.EnvFile, values.Error, values.ErrorValue, values.JSONValue),
    )
}
