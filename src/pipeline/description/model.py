"""What pipeline.yaml says: the project, its registry, environments and services."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from posixpath import join, normpath

from pipeline.errors import InvalidInput, near, shown
from pipeline.registry import check_address, check_tag, host
from pipeline.tools import Tools

from .freezes import Freeze
from .keys import APPLICATIONS_, IMAGE_UPDATER, IMAGES, NONE, PUSH


@dataclass(frozen=True, slots=True)
class Signer:
    """Who may have signed: who holds a key, or whom an issuer calls by a subject, in which `*` is anything but `/`.

    `key` and `trusted_root` are paths in the repository. Without a trusted root it is the public Sigstore's.
    """

    key: str = ""
    issuer: str = ""
    subject: str = ""
    trusted_root: str = ""

    @property
    def name(self) -> str:
        """Who it is to people."""
        return self.key or f"{self.subject} ({self.issuer})"


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where versions run.

    `promotes_from` is empty for the first, which receives builds. `registry` is empty where it is the project's.
    """

    name: str
    promotes_from: str = ""
    registry: str = ""
    deployed_by: str = IMAGE_UPDATER
    reviewers: tuple[str, ...] = ()
    wait_minutes: int = 0
    branches: tuple[str, ...] = ()
    changes_by: str = PUSH
    soak: timedelta = timedelta()
    frozen: tuple[Freeze, ...] = ()
    require: tuple[str, ...] = ()
    signers: tuple[Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """What a service is checked with: a language's tools, or a target of its own Dockerfile."""

    language: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One image and its manifests; what is empty is as it is by default, see keys.py.

    All paths are in the repository, and normal: `.` is the repository itself.
    """

    name: str
    context: str
    dockerfile: str = ""
    target: str = ""
    args: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    image: str = ""
    manifests: str = ""
    platforms: tuple[str, ...] = ()
    checks: tuple[Check, ...] | None = None  # None: the files in its context tell

    @property
    def dockerfile_path(self) -> str:
        """The path of its Dockerfile in the repository."""
        return normpath(join(self.context, self.dockerfile or "Dockerfile"))


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is attached to an image that is pushed, and how that is signed; empty addresses are Sigstore's own."""

    sbom: bool = True
    attest: bool = True
    sign: str = NONE
    fulcio: str = ""
    rekor: str = ""
    trusted_root: str = ""

    @property
    def wanted(self) -> bool:
        """Tell whether there is anything to attach."""
        return self.sbom or self.attest or self.sign != NONE


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
    images: str = IMAGES
    namespaces: str = ""
    applications: str = APPLICATIONS_
    provenance: Provenance = Provenance()
    board_on_pages: bool = False

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
        """Return this description with one registry instead of all of the file's; none given keeps them."""
        if not registry:
            return self
        environments = tuple(replace(environment, registry="") for environment in self.environments)
        return replace(self, registry=check_address(registry), environments=environments)

    def registry_of(self, environment: str) -> str:
        """Return the address of an environment's registry."""
        return self.environment(environment).registry or self.registry

    @property
    def registries(self) -> tuple[str, ...]:
        """The addresses of all registries."""
        return tuple(dict.fromkeys(self.registry_of(environment.name) for environment in self.environments))

    def origins(self, environments: Iterable[Environment]) -> tuple[str, ...]:
        """Return the registries that promotions to some environments copy from, where that is to another host."""
        return tuple(
            origin
            for environment in environments
            if environment.promotes_from
            and host(origin := self.registry_of(environment.promotes_from)) != host(self.registry_of(environment.name))
        )

    def repository_of(self, service: str, environment: str) -> str:
        """Return the image repository of a service in an environment."""
        return f"{self.registry_of(environment)}/{self._filled(self.images, service, environment)}"

    def reference(self, service: str, environment: str, tag: str) -> str:
        """Return the full reference of a service's image in an environment."""
        return f"{self.repository_of(service, environment)}:{check_tag(tag)}"

    def namespace(self, service: str, environment: str) -> str:
        """Return the namespace that an overlay has to have; empty if it may have any."""
        return self._filled(self.namespaces, service, environment)

    def application(self, service: str, environment: str) -> str:
        """Return the name of a service's application in Argo CD for an environment."""
        return self._filled(self.applications, service, environment)

    def _filled(self, pattern: str, service: str, environment: str) -> str:
        values = {"environment": environment, "project": self.project, "service": service}
        return re.sub(r"\{(\w+)\}", lambda place: values[place[1]], pattern)

    def image_of(self, service: str) -> str:
        """Return the name that a service's image has in the base, and so in the overlays' `images:`."""
        return self.service(service).image or service

    def manifests_of(self, service: str) -> str:
        """Return the path of a service's manifests."""
        return self.service(service).manifests or normpath(join(self.manifests, service))

    @property
    def all_manifests(self) -> tuple[str, ...]:
        """The paths of all services' manifests."""
        return tuple(self.manifests_of(service.name) for service in self.services)

    @property
    def manifest_folders(self) -> tuple[str, ...]:
        """The paths of all folders with manifests, with the bases and components that services share there."""
        shared = () if self.manifests == "." else (self.manifests,)  # that would be all of the repository
        inside = f"{self.manifests}/"
        own = (folder for folder in self.all_manifests if not folder.startswith(inside))
        return tuple(dict.fromkeys((*shared, *own)))

    def overlay(self, service: str, environment: str) -> str:
        """Return the path of a service's overlay for an environment."""
        return normpath(join(self.manifests_of(service), "overlays", environment))

    def service(self, name: str) -> Service:
        """Return the service of a name that is one's."""
        return next(service for service in self.services if service.name == name)

    def environment(self, name: str) -> Environment:
        """Return the environment of a name.

        Raises:
            InvalidInput: there is none; the message lists those that there are.
        """
        for environment in self.environments:
            if environment.name == name:
                return environment
        raise _unknown("environment", name, self.environments, "choose one of")

    def select(self, names: Sequence[str]) -> tuple[Service, ...]:
        """Return the named services in the file's order; no name means all of them.

        Raises:
            InvalidInput: a name is no service's; the message lists those that there are.
        """
        known = {service.name for service in self.services}
        for name in names:
            if name not in known:
                raise _unknown("service", name, self.services, "choose from")
        return tuple(service for service in self.services if not names or service.name in names)


def _unknown(what: str, name: str, items: tuple[Environment, ...] | tuple[Service, ...], choose: str) -> InvalidInput:
    """Return the error of a name that is none; a comma that is missing, and a near miss, are seen."""
    known = [item.name for item in items]
    several = [part for part in re.split(r"[\s;|+&]+", name) if part]
    if len(several) > 1 and set(known).issuperset(several):
        todo = f"write {','.join(several)}, with a comma in between"
    else:
        todo = f"{near(name, known)}{choose} {', '.join(known)}"
    return InvalidInput(f"there is no {what} {shown(name)}: {todo}")
