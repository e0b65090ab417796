"""How an image is made of a service's Dockerfile, its release tag and the commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import dagger

from pipeline.concurrency import both, side_by_side
from pipeline.description import PLATFORM, Description, Service
from pipeline.errors import BuildFailed, InvalidInput, shown
from pipeline.git import Revision, revision
from pipeline.registry import Copier, Credentials, Logins, check_tag, copier, host, is_local
from pipeline.tools import toolbox

from .dockerfile import writable_binds
from .image import Image
from .labels import labels
from .secrets import build_secrets


def check_platforms(platforms: Iterable[str]) -> None:
    """Refuse what is no platform.

    Raises:
        InvalidInput: naming it.
    """
    for platform in platforms:
        if not PLATFORM.fullmatch(platform):
            msg = f"{shown(platform)} is no platform: write linux/amd64, or linux/amd64,linux/arm64"
            raise InvalidInput(msg)


async def recipe(
    description: Description,
    source: dagger.Directory,
    tag: str,
    *,
    services: Sequence[str],
    platforms: Sequence[str],
    credentials: Credentials,
    secrets: Sequence[dagger.Secret],
) -> "Recipe":
    """Return how a release's images are made.

    Args:
        description: what there is.
        source: the repository.
        tag: the release.
        services: names of those that are built; all if there is none.
        platforms: what to build for instead of what the services say.
        credentials: the right to push.
        secrets: what the Dockerfiles mount.

    Raises:
        InvalidInput: one of these is none, or a secret is missing.
        BuildFailed: a Dockerfile has what engines die of.
        GitFailed: there is a history, but git cannot read it.
    """
    check_tag(tag)
    check_platforms(platforms)
    wanted = description.select(services)
    given = await build_secrets(wanted, secrets, description.services)
    checked = side_by_side(lambda service: _check_dockerfile(source, service), wanted)
    _, commit = await both(checked, revision(source, description.tools.git))
    registry = description.registry_of(description.first.name)
    crane = None  # of a registry on this machine, which the engine may reach, and a container does not
    if credentials.service or not is_local(registry):
        crane = await copier(toolbox(description.tools), Logins(credentials).by_host([registry]))
    asked = tuple(dict.fromkeys(platforms))
    return Recipe(description, source, tag, wanted, asked, commit, credentials, given, crane)


def context_of(source: dagger.Directory, service: Service) -> dagger.Directory:
    """Return the folder that an image is built from; of the whole repository its history is no part."""
    return source.without_directory(".git") if service.context == "." else source.directory(service.context)


async def _check_dockerfile(source: dagger.Directory, service: Service) -> None:
    path = service.dockerfile_path
    if mounts := writable_binds(await source.file(path).contents()):
        todo = "mount it read-only, COPY it, or mount a cache or tmpfs to write to"
        msg = f"{service.name}: {path} has --mount={mounts[0]}, and Dagger's engine dies of it: {todo}"
        raise BuildFailed(msg)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What all images of one release have in common."""

    description: Description
    source: dagger.Directory
    tag: str
    services: tuple[Service, ...]
    platforms: tuple[str, ...]
    revision: Revision | None
    credentials: Credentials
    secrets: Mapping[str, dagger.Secret]
    copier: Copier | None

    @property
    def images(self) -> list[Image]:
        """The images; nothing is built yet."""
        return [self.image(service) for service in self.services]

    def image(self, service: Service) -> Image:
        """Return the image of a service; nothing is built yet."""
        containers = [self._container(service, platform) for platform in self.platforms or service.platforms or (None,)]
        return Image(
            service=service.name,
            reference=self.description.reference(service.name, self.description.first.name, self.tag),
            container=containers[0],
            variants=containers[1:],
            platforms=list(self.platforms or service.platforms),
            labels=labels(self.description, service, self.tag, self.revision),
            registries=dict(self.copier.inside) if self.copier else {},
            registry_service=self.credentials.service,
            crane=self.copier.container if self.copier else None,
        )

    def arguments(self, service: Service) -> dict[str, str]:
        """Return the build's arguments; the commit's time stands for the clock's, so that two builds are one image."""
        arguments = {**dict(service.args), "VERSION": self.tag}
        if self.revision:
            time = datetime.fromisoformat(self.revision.created).timestamp()
            arguments = {"SOURCE_DATE_EPOCH": f"{time:.0f}", **arguments}
        return arguments

    def _container(self, service: Service, platform: str | None) -> dagger.Container:
        container = context_of(self.source, service).docker_build(
            dockerfile=service.dockerfile or "Dockerfile",
            platform=dagger.Platform(platform) if platform else None,
            build_args=[dagger.BuildArg(name, value) for name, value in self.arguments(service).items()],
            target=service.target,
            secrets=[self.secrets[name] for name in service.secrets] or None,
        )
        for name, value in labels(self.description, service, self.tag, self.revision).items():
            container = container.with_label(name, value)
        if self.credentials.password:
            address = host(self.description.registry_of(self.description.first.name))
            container = container.with_registry_auth(address, self.credentials.username, self.credentials.password)
        return container
