"""Container: fields that read and change its configuration."""

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any, Self

from dagger_local.api.objects.container_state import ContainerState
from dagger_local.api.objects.env_file import EnvFile
from dagger_local.api.objects.image_config import duration, nanoseconds
from dagger_local.api.objects.secret import Secret
from dagger_local.api.objects.small import EnvVariable, HealthcheckConfig, Label, Port
from dagger_local.errors import EngineError


class ConfigFields(ContainerState):
    """Environment, labels, command, user, working directory, ports, credentials."""

    __slots__ = ()

    def env_variable(self, name: str) -> str | None:
        return self.config.env.get(name)

    def env_variables(self) -> list[EnvVariable]:
        return [EnvVariable(self.engine, name, value) for name, value in self.config.env.items()]

    def with_env_variable(self, name: str, value: str, expand: bool = False) -> Self:
        return self.changed(config=self.config.with_env(name, self._expanded(value, expand=expand)))

    def without_env_variable(self, name: str) -> Self:
        return self.changed(config=self.config.with_env(name, None))

    def with_env_file_variables(self, source: EnvFile, environ: Mapping[str, str]) -> Self:
        this = self
        for variable in source.variables(environ):
            this = this.with_env_variable(variable.name, variable.value)
        return this

    def with_volatile_variable(self, name: str, value: str) -> Self:
        return self.changed(volatile_variables={**self.volatile_variables, name: value})

    def without_volatile_variable(self, name: str) -> Self:
        return self.changed(volatile_variables=_less(self.volatile_variables, name))

    def with_secret_variable(self, name: str, secret: Secret) -> Self:
        return self.changed(secret_variables={**self.secret_variables, name: secret})

    def without_secret_variable(self, name: str) -> Self:
        return self.changed(secret_variables=_less(self.secret_variables, name))

    def label(self, name: str) -> str | None:
        return self.config.labels.get(name)

    def labels(self) -> list[Label]:
        return [Label(self.engine, name, value) for name, value in self.config.labels.items()]

    def with_label(self, name: str, value: str) -> Self:
        return self._configured(labels={**self.config.labels, name: value})

    def without_label(self, name: str) -> Self:
        return self._configured(labels=_less(self.config.labels, name))

    def with_annotation(self, name: str, value: str) -> Self:
        return self.changed(annotations={**self.annotations, name: value})

    def without_annotation(self, name: str) -> Self:
        return self.changed(annotations=_less(self.annotations, name))

    def user(self) -> str:
        return self.config.user

    def with_user(self, name: str) -> Self:
        return self._configured(user=name)

    def without_user(self) -> Self:
        return self._configured(user="")

    def workdir(self) -> str:
        return self.config.workdir

    def with_workdir(self, path: str, expand: bool = False) -> Self:
        return self._configured(workdir=posixpath.normpath(self._absolute(path, expand=expand)))

    def without_workdir(self) -> Self:
        return self._configured(workdir="")

    def entrypoint(self) -> list[str]:
        return list(self.config.entrypoint)

    def with_entrypoint(self, args: Sequence[str], keep_default_args: bool = False) -> Self:
        kept = self.config.args if keep_default_args else ()
        given = keep_default_args and self.args_given
        return self._configured(entrypoint=tuple(args), args=kept).changed(args_given=given)

    def without_entrypoint(self, keep_default_args: bool = False) -> Self:
        return self.with_entrypoint((), keep_default_args)

    def default_args(self) -> list[str]:
        return list(self.config.args)

    def with_default_args(self, args: Sequence[str]) -> Self:
        return self._configured(args=tuple(args)).changed(args_given=True)

    def without_default_args(self) -> Self:
        return self._configured(args=()).changed(args_given=False)

    def with_default_terminal_cmd(self, args: Sequence[str], **_: Any) -> Self:
        return self  # kept for `terminal`, which this engine lacks

    def with_exposed_port(
        self,
        port: int,
        protocol: str = "TCP",
        description: str | None = None,
        experimental_skip_healthcheck: bool = False,
    ) -> Self:
        text = f"{port}/{protocol.lower()}"
        # One that is exposed again keeps its place.
        ports = self.config.ports if text in self.config.ports else (*self.config.ports, text)
        others = tuple(old for old in self.ports_described if (old.port, old.protocol) != (port, protocol))
        described = (*others, Port(self.engine, port, protocol, description, experimental_skip_healthcheck))
        return self._configured(ports=ports).changed(ports_described=described)

    def without_exposed_port(self, port: int, protocol: str = "TCP") -> Self:
        gone = {f"{port}/{protocol.lower()}", *([str(port)] if protocol == "TCP" else [])}
        described = tuple(old for old in self.ports_described if (old.port, old.protocol) != (port, protocol))
        ports = tuple(old for old in self.config.ports if old not in gone)
        return self._configured(ports=ports).changed(ports_described=described)

    def docker_healthcheck(self) -> HealthcheckConfig | None:
        check = self.config.healthcheck
        if not check or not check.get("Test") or check["Test"][0] == "NONE":
            return None
        return HealthcheckConfig(
            self.engine,
            tuple(check["Test"][1:]),
            check["Test"][0] == "CMD-SHELL",
            duration(check.get("Interval", 0)),
            duration(check.get("Timeout", 0)),
            duration(check.get("StartPeriod", 0)),
            duration(check.get("StartInterval", 0)),
            check.get("Retries", 0),
        )

    def with_docker_healthcheck(
        self,
        args: Sequence[str],
        shell: bool | None = None,
        interval: str | None = None,
        timeout: str | None = None,
        start_period: str | None = None,
        start_interval: str | None = None,
        retries: int | None = None,
    ) -> Self:
        times = {"Interval": interval, "Timeout": timeout, "StartPeriod": start_period, "StartInterval": start_interval}
        try:
            given = {name: nanoseconds(text) for name, text in times.items() if text}
        except ValueError as error:
            raise EngineError(str(error)) from None
        test = ["CMD-SHELL" if shell else "CMD", *args]
        return self._configured(healthcheck={"Test": test, **given, **({"Retries": retries} if retries else {})})

    def without_docker_healthcheck(self) -> Self:
        return self._configured(healthcheck=None)

    def with_registry_auth(self, address: str, username: str, secret: Secret) -> Self:
        this = self.without_registry_auth(address)
        return this.changed(auths=(*this.auths, (address, username, secret)))

    def without_registry_auth(self, address: str) -> Self:
        return self.changed(auths=tuple(auth for auth in self.auths if auth[0] != address))

    def with_error(self, err: str) -> Self:
        if err:
            raise EngineError(err)
        return self


def _less(values: Any, name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}
