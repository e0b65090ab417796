"""Container: an image in the making, and what runs in it."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from dagger_local.api.client import Client
from dagger_local.api.objects.base import fresh
from dagger_local.api.objects.container_config import ConfigFields
from dagger_local.api.objects.container_exec import ExecFields
from dagger_local.api.objects.container_files import FileFields
from dagger_local.api.objects.file import File, make_private
from dagger_local.api.objects.image_config import ImageConfig
from dagger_local.api.objects.service import Service
from dagger_local.errors import EngineError
from dagger_local.images.model import Assembled, Image, RegistryAuth
from dagger_local.images.references import parse, registry_of
from dagger_local.progress import step
from dagger_local.store.snapshots import Draft, key_of

_ARCHIVE = "container.tar"


class Container(ConfigFields, FileFields, ExecFields):
    """The fields that take images in and give them out."""

    __slots__ = ()

    async def from_(self, address: str, registry_service: Service | None = None) -> Self:
        reference, auths = await self._through(address, registry_service, self.registry_auths())
        image = await self.engine.images.pull(reference, platform=self.platform, auth=auths)
        return self.of_image(image, address)

    def of_image(self, image: Image, address: str) -> Self:
        """Return this container with an image's files and configuration."""
        own = ImageConfig.read(image.config.get("config") or {})
        # What was set before stays, unless the image says otherwise.
        env, labels = {**self.config.env, **own.env}, {**self.config.labels, **own.labels}
        config = replace(own, env=env, labels=labels)
        reference = image.reference or address
        if image.stand_in:  # it is not what a registry has under the digest that was asked for
            reference = reference.partition("@")[0]
        if image.digest and "@" not in reference:
            reference = f"{reference}@{image.digest}"
        return replace(self, image=image, layers=(), config=config, image_reference=reference, args_given=False)

    async def import_(self, source: File, tag: str = "") -> Self:
        return self.of_image(await self.engine.images.load(source.entry.host, tag=tag), tag)

    def image_ref(self) -> str:
        if not self.image_reference:
            why = "Error in fetching imageRef as the container image is changed"
            raise EngineError(
                f"Image reference can only be retrieved immediately after the 'Container.From' call. {why}"
            )
        return self.image_reference

    @fresh
    async def publish(
        self,
        address: str,
        platform_variants: Sequence["Container"] = (),
        forced_compression: str | None = None,
        media_types: str = "OCIMediaTypes",
        registry_service: Service | None = None,
    ) -> str:
        layout = await self._layout(platform_variants, forced_compression, media_types)
        given = [auth for container in (self, *platform_variants) for auth in container.registry_auths()]
        reference, auths = await self._through(address, registry_service, given)
        tls_verify = False if registry_service else None
        with step(f"publish {address}"):
            digest = await self.engine.images.push(layout, reference, auth=auths, tls_verify=tls_verify)
        name = address.partition("@")[0]
        return f"{name}@{digest}"

    async def _layout(self, variants: Sequence["Container"], compression: str | None, media_types: str) -> Path:
        containers = [*([self] if self.tree or not variants else []), *variants]
        assembled = [container.assembled() for container in containers]
        return await self.engine.images.write_layout(assembled, compression=compression, media_types=media_types)

    def assembled(self) -> Assembled:
        """Return the image that the container is, mounts and secrets left out."""
        return Assembled(
            base=self.image,
            layers=tuple(layer.path for layer in self.layers),
            config=self.config.written(),
            annotations=self.annotations,
            platform=self.platform,
            created=self.source_date,
        )

    async def as_tarball(
        self,
        platform_variants: Sequence["Container"] = (),
        forced_compression: str | None = None,
        media_types: str = "OCIMediaTypes",
    ) -> File:
        layout = await self._layout(platform_variants, forced_compression, media_types)

        async def write(draft: Draft) -> dict[str, Any]:
            await self.engine.images.write_archive(layout, draft.fs / _ARCHIVE)
            return {}

        made = await self.engine.store.make(key_of("archive", layout.name), write)
        return File(self.engine, (made.layer,), _ARCHIVE)

    async def export(
        self,
        path: str,
        client: Client,
        platform_variants: Sequence["Container"] = (),
        forced_compression: str | None = None,
        media_types: str = "OCIMediaTypes",
        expand: bool = False,
    ) -> str:
        layout = await self._layout(platform_variants, forced_compression, media_types)
        place = Path(os.path.normpath(client.workdir / self._expanded(path, expand=expand)))
        await asyncio.to_thread(make_private, place.parent)
        await self.engine.images.write_archive(layout, place)
        place.chmod(0o600)
        return str(place)

    async def _through(
        self, address: str, service: Service | None, auths: Sequence[RegistryAuth]
    ) -> tuple[str, Sequence[RegistryAuth]]:
        """Put the service that answers for a registry in its place, in the reference and in the credentials for it."""
        if service is None:
            return address, auths
        running = await service.running()
        if not running.ports:
            raise EngineError("the registry service exposes no port; expose the one it listens on")
        there = await self.engine.services.on_machine(running, running.ports[0])
        domain = parse(address).domain
        moved = [replace(auth, address=there) for auth in auths if registry_of(auth.address) == domain]
        return f"{there}/{address.partition('/')[2]}", moved
