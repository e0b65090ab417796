"""Container: fields that run commands in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from dagger_local.api.objects.container_state import ContainerState
from dagger_local.api.objects.service import Service
from dagger_local.api.recipe import Recipe
from dagger_local.errors import EngineError, ExecError
from dagger_local.execution.executor import file_after, mount_after, outcome, tree_after
from dagger_local.execution.model import Command, DirectoryMount, FileMount, Outcome
from dagger_local.images.model import image_tree


class ExecFields(ContainerState):
    """Execution and services."""

    __slots__ = ()

    async def with_exec(
        self,
        args: Sequence[str],
        use_entrypoint: bool = False,
        stdin: str = "",
        redirect_stdin: str = "",
        redirect_stdout: str = "",
        redirect_stderr: str = "",
        expect: Any = "SUCCESS",
        experimental_privileged_nesting: bool = False,
        insecure_root_capabilities: bool = False,
        expand: bool = False,
        no_init: bool = False,
    ) -> Self:
        words = self._words(args, use_entrypoint=use_entrypoint, expand=expand)
        redirects = [
            self._absolute(path) if path else "" for path in (redirect_stdin, redirect_stdout, redirect_stderr)
        ]
        command = replace(
            self._command(words, nesting=experimental_privileged_nesting),
            stdin=stdin,
            redirect_stdin=redirects[0],
            redirect_stdout=redirects[1],
            redirect_stderr=redirects[2],
            privileged=insecure_root_capabilities,
            no_init=no_init,
            expect=expect,
        )
        services = await self._start_services()
        command = replace(command, hosts=services)
        snapshot = await self.engine.executor.run(command)
        base = len(image_tree(self.image))
        mounts = tuple(
            replace(mount, tree=mount_after(mount, position, snapshot))
            if isinstance(mount, DirectoryMount) and not mount.read_only
            else file_after(mount, position, snapshot)
            if isinstance(mount, FileMount)
            else mount
            for position, mount in enumerate(self.mounts_given)
        )
        layers = tree_after(command.tree, snapshot)[base:]
        return replace(self, layers=layers, mounts_given=mounts, last=outcome(snapshot))

    def _words(self, args: Sequence[str], *, use_entrypoint: bool, expand: bool) -> tuple[str, ...]:
        words = tuple(args) or self.config.args
        if use_entrypoint:
            words = (*self.config.entrypoint, *words)
        if not words:
            raise EngineError("no command has been set")
        return tuple(self._expanded(word, expand=expand) for word in words)

    def _command(self, words: tuple[str, ...], *, nesting: bool = False) -> Command:
        volatile = dict(self.volatile_variables)
        if nesting:
            volatile |= {"DAGGER_SESSION_PORT": str(self.engine.port), "DAGGER_SESSION_TOKEN": self.engine.nested_token}
        return Command(
            tree=self.tree,
            args=words,
            env=self.config.env,
            cwd=self.config.workdir or "/",
            user=self.config.user,
            mounts=self.mounts_given,
            secret_env={name: secret.plaintext() for name, secret in self.secret_variables.items()},
            secret_identities=tuple((name, secret.identity) for name, secret in self.secret_variables.items()),
            volatile_env=volatile,
            nested=nesting,
            services=tuple((alias, service.identity) for alias, service in self.bindings),
        )

    async def _start_services(self) -> Mapping[str, str]:
        """Start what is bound, and return every name by which a service is known here, with its address."""
        hosts = self.engine.services.named()
        for alias, service in self.bindings:
            try:
                running = await service.running()
            except ExecError as error:
                reason = f"start {service.hostname()} (aliased as {alias}): {error}"
                raise ExecError(error.cmd, error.exit_code, error.stdout, error.stderr, reason) from None
            hosts[alias] = running.address
        return hosts

    def with_service_binding(self, alias: str, service: Service) -> Self:
        others = tuple(binding for binding in self.bindings if binding[0] != alias)
        return replace(self, bindings=(*others, (alias, service)))

    def as_service(
        self,
        recipe: Recipe,
        args: Sequence[str] = (),
        use_entrypoint: bool = False,
        experimental_privileged_nesting: bool = False,
        insecure_root_capabilities: bool = False,
        expand: bool = False,
        no_init: bool = False,
    ) -> Service:
        # Without args, an image's command is taken whole: its entrypoint too, unless the default args were set here.
        whole = use_entrypoint or not (args or self.args_given)
        words = self._words(args, use_entrypoint=whole, expand=expand)
        command = replace(
            self._command(words, nesting=experimental_privileged_nesting),
            privileged=insecure_root_capabilities,
            no_init=no_init,
        )
        ports = tuple(self.exposed_ports())
        return Service(self.engine, recipe.id, command=command, described=ports, bindings=self.bindings)

    def _last(self) -> Outcome:
        if self.last is None:
            raise EngineError("no command has been set")
        return self.last

    def stdout(self) -> str:
        return self._last().stdout

    def stderr(self) -> str:
        return self._last().stderr

    def combined_output(self) -> str:
        return self._last().combined

    def exit_code(self) -> int:
        return self._last().exit_code
