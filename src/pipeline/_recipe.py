"""How an image is made of a service's Dockerfile, its release tag and the commit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import dagger

from ._description import Description, Service
from ._errors import InvalidInput, shown
from ._pushing import Registry
from ._references import host
from ._revision import Revision
from .images import Image

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
    registry: Registry

    def image(self, service: Service) -> Image:
        """Return the image of a service; nothing is built yet."""
        containers = [self._container(service, platform) for platform in self.platforms or (None,)]
        return Image(
            service=service.name,
            reference=self.description.reference(service.name, self.description.first.name, self.tag),
            container=containers[0],
            variants=containers[1:],
            platforms=list(self.platforms),
            registry_service=self.registry.service,
        )

    def _container(self, service: Service, platform: str | None) -> dagger.Container:
        container = self.source.directory(service.context).docker_build(
            platform=dagger.Platform(platform) if platform else None,
            build_args=[dagger.BuildArg("VERSION", self.tag)],
        )
        for name, value in self._labels(service).items():
            container = container.with_label(f"org.opencontainers.image.{name}", value)
        if self.registry.password:
            address = host(self.description.registry)
            container = container.with_registry_auth(address, self.registry.username, self.registry.password)
        return container

    def _labels(self, service: Service) -> dict[str, str]:
        """Return the labels, named by the OCI image specification; without a history none is made up."""
        labels = {
            "title": f"{self.description.project}-{service.name}",
            "version": self.tag,
            "source": self.description.repository,
        }
        if self.revision:
            labels |= {"revision": self.revision.commit, "created": self.revision.created}
        return labels
