"""Query: the root of the API."""

from dataclasses import dataclass, field
from typing import Any

from dagger_local import __version__
from dagger_local.api.client import Client
from dagger_local.api.objects.address import Address
from dagger_local.api.objects.base import Object, fresh
from dagger_local.api.objects.changeset import Changeset
from dagger_local.api.objects.container import Container
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.env_file import EnvFile
from dagger_local.api.objects.file import File, new_file
from dagger_local.api.objects.git import GitRepository, url_of
from dagger_local.api.objects.host import Host
from dagger_local.api.objects.http import http
from dagger_local.api.objects.module import CurrentModule, FunctionCall, Module, Workspace
from dagger_local.api.objects.secret import Secret, read_secret, set_secret
from dagger_local.api.objects.service import Service
from dagger_local.api.objects.small import CacheVolume, Socket
from dagger_local.api.objects.typedef import Function, SourceMap, TypeDef
from dagger_local.api.objects.values import Error, JSONValue
from dagger_local.api.recipe import Hidden
from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.platforms import named, own_platform


@dataclass(frozen=True, slots=True)
class Query(Object):
    """The root fields. `served` holds the module of the session, once there is one."""

    served: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def version(self) -> str:
        return f"v{__version__}"

    def default_platform(self) -> str:
        return own_platform()

    def container(self, platform: str | None = None) -> Container:
        return Container(self.engine, named(platform) if platform else own_platform())

    def directory(self) -> Directory:
        return Directory(self.engine)

    async def file(self, name: str, contents: str, permissions: int = 0o644) -> File:
        if "/" in name:
            raise EngineError(f'file name "{name}" must not contain a directory')
        return await new_file(self.engine, name, contents.encode(), permissions)

    def host(self, client: Client) -> Host:
        return Host(self.engine)

    def address(self, value: str) -> Address:
        return Address(self.engine, value)

    def cache_volume(
        self, key: str, source: Directory | None = None, sharing: str = "SHARED", owner: str = ""
    ) -> CacheVolume:
        return CacheVolume(self.engine, key, sharing, source.tree if source else (), owner)

    @fresh
    async def secret(self, uri: str, client: Client, cache_key: str | None = None) -> Secret:
        return await read_secret(self.engine, uri, cache_key, client)

    def set_secret(self, name: str, plaintext: Hidden) -> Secret:
        return set_secret(self.engine, name, plaintext)

    def git(
        self,
        url: str,
        keep_git_dir: bool = True,
        ssh_known_hosts: str = "",
        ssh_auth_socket: Socket | None = None,
        http_auth_username: str = "",
        http_auth_token: Secret | None = None,
        http_auth_header: Secret | None = None,
        experimental_service_host: Service | None = None,
    ) -> GitRepository:
        if ssh_known_hosts:
            raise UnsupportedError("Query.git with sshKnownHosts")
        return GitRepository(
            self.engine,
            url_of(url),
            service=experimental_service_host,
            keeps_git_dir=keep_git_dir,
            token=http_auth_token,
            username=http_auth_username,
            header=http_auth_header,
            agent=ssh_auth_socket.path if ssh_auth_socket else None,
        )

    @fresh
    async def http(self, url: str, **options: Any) -> File:
        return await http(self.engine, url, **options)

    def json(self) -> JSONValue:
        return JSONValue(self.engine)

    def env_file(self, expand: bool | None = None) -> EnvFile:
        return EnvFile(self.engine, expand=bool(expand))

    def error(self, message: str) -> Error:
        return Error(self.engine, message)

    def changeset(self) -> Changeset:
        return Changeset(self.engine, Directory(self.engine), Directory(self.engine))

    def source_map(self, filename: str, line: int, column: int) -> SourceMap:
        return SourceMap(self.engine, filename, line, column)

    # Modules

    def type_def(self) -> TypeDef:
        return TypeDef(self.engine)

    def function(self, name: str, return_type: TypeDef) -> Function:
        return Function(self.engine, name, return_type=return_type)

    def module(self) -> Module:
        return Module(self.engine)

    def module_types(self) -> list[TypeDef]:
        """Return the types of the module that is served."""
        module: Module | None = self.served.get("definition")
        return [*module.objects, *module.interfaces, *module.enums] if module else []

    def current_module(self, client: Client) -> CurrentModule:
        definition: Module | None = client.module.get("definition")
        if not client.is_module or definition is None:
            raise EngineError("no module is running; currentModule is for a module's own functions")
        return CurrentModule(self.engine, definition.name, client.module["source"], definition)

    def current_function_call(self, client: Client) -> FunctionCall:
        if not isinstance(client.call, FunctionCall):
            raise EngineError("no function is being called; currentFunctionCall is for a module's own process")
        return client.call

    def current_workspace(self, client: Client) -> Workspace:
        owner = self.engine.evaluator.clients["main"] if client.is_module else client
        here = owner.workdir
        root = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
        return Workspace(
            *(self.engine, root, str(here.relative_to(root)), owner.id), served=self.served.get("definition")
        )
