"""How an image is made of a service's Dockerfile, its release tag and the commit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import dagger

from pipeline.description import Description, Service
from pipeline.errors import InvalidInput, shown
from pipeline.git import Revision
from pipeline.registry import Credentials, host

from .image import Image
from .labels import labels

_PLATFORM = re.compile("linux/[a-z0-9]+(?:/v[0-9]+)?")


def check_platforms(platforms: Iterable[str]) -> None:
    """Refuse what is no platform.

    Raises:
        InvalidInput: naming it.
    """
    for platform in platforms:
        if not _PLATFORM.fullmatch(platform):
            msg = f"{shown(platform)} is no platform: write linux/amd64, or linux/amd64,linux/arm64"
            raise InvalidInput(msg)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What all images of one release have in common."""

    description: Description
    source: dagger.Directory
    tag: str
    platforms: tuple[str, ...]
    revision: Revision | None
    credentials: Credentials

    def image(self, service: Service) -> Image:
        """Return the image of a service; nothing is built yet."""
        containers = [self._container(service, platform) for platform in self.platforms or (None,)]
        return Image(
            service=service.name,
            reference=self.description.reference(service.name, self.description.first.name, self.tag),
            container=containers[0],
            variants=containers[1:],
            platforms=list(self.platforms),
            registry_service=self.credentials.service,
        )

    def _container(self, service: Service, platform: str | None) -> dagger.Container:
        container = self.source.directory(service.context).docker_build(
            platform=dagger.Platform(platform) if platform else None,
            build_args=[dagger.BuildArg("VERSION", self.tag)],
        )
        for name, value in labels(self.description, service, self.tag, self.revision).items():
            container = container.with_label(name, value)
        if self.credentials.password:
            address = host(self.description.registry)
            container = container.with_registry_auth(address, self.credentials.username, self.credentials.password)
        return container
