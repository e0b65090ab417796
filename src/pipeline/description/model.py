"""What pipeline.yaml says: the project, its registry, environments and services."""

from dataclasses import dataclass, field, replace

from pipeline.errors import InvalidInput, shown
from pipeline.registry import check_address, check_tag
from pipeline.tools import Tools


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where versions run; `promotes_from` is empty for the first, which receives builds."""

    name: str
    promotes_from: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One image and its manifests; `context` is the directory that holds its Dockerfile."""

    name: str
    context: str


@dataclass(frozen=True, slots=True)
class Description:
    """A whole, valid pipeline.yaml."""

    project: str
    registry: str
    repository: str
    branch: str
    manifests: str
    environments: tuple[Environment, ...]
    services: tuple[Service, ...]
    tools: Tools = field(default_factory=Tools)

    @property
    def first(self) -> Environment:
        """The environment that receives builds."""
        return self.environments[0]

    @property
    def in_order_of_promotion(self) -> tuple[Environment, ...]:
        """The environments, each after the one that it promotes from."""
        return tuple(sorted(self.environments, key=self._distance))

    def _distance(self, environment: Environment) -> int:
        source = environment.promotes_from
        return 1 + self._distance(self.environment(source)) if source else 0

    def at(self, registry: str) -> "Description":
        """Return this description with another registry's address; none given keeps the file's."""
        return replace(self, registry=check_address(registry)) if registry else self

    def repository_of(self, service: str, environment: str) -> str:
        """Return the image repository of a service in an environment."""
        return f"{self.registry}/{environment}-{self.project}-{service}"

    def reference(self, service: str, environment: str, tag: str) -> str:
        """Return the full reference of a service's image in an environment."""
        return f"{self.repository_of(service, environment)}:{check_tag(tag)}"

    def manifests_of(self, service: str) -> str:
        """Return the path of a service's manifests."""
        return f"{self.manifests}/{service}"

    def overlay(self, service: str, environment: str) -> str:
        """Return the path of a service's overlay for an environment."""
        return f"{self.manifests_of(service)}/overlays/{environment}"

    def environment(self, name: str) -> Environment:
        """Return the environment of a name.

        Raises:
            InvalidInput: there is none; the message lists those that there are.
        """
        for environment in self.environments:
            if environment.name == name:
                return environment
        msg = f"there is no environment {shown(name)}: choose one of {_listed(self.environments)}"
        raise InvalidInput(msg)

    def select(self, names: list[str]) -> tuple[Service, ...]:
        """Return the named services in the file's order; no name means all of them.

        Raises:
            InvalidInput: a name is no service's; the message lists those that there are.
        """
        known = {service.name for service in self.services}
        for name in names:
            if name not in known:
                msg = f"there is no service {shown(name)}: choose from {_listed(self.services)}"
                raise InvalidInput(msg)
        return tuple(service for service in self.services if not names or service.name in names)


def _listed(items: tuple[Environment, ...] | tuple[Service, ...]) -> str:
    return ", ".join(item.name for item in items)
