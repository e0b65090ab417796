"""The engine's image store: one object through which all images come, go and are made."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.images.build import Request, build
from dagger_local.images.containers import Containers
from dagger_local.images.dockerfile import Dockerfile
from dagger_local.images.isolation import Isolations
from dagger_local.images.locks import Presence
from dagger_local.images.model import Image, RegistryAuth
from dagger_local.images.platforms import own_platform
from dagger_local.images.pull import Puller
from dagger_local.images.records import Records
from dagger_local.images.remembered import Remembered
from dagger_local.images.stand_in_builder import StandInBuilder


class ImageStore:
    """Images under `state`, worked on with files of this session under `run` (a private directory on a tmpfs)."""

    def __init__(self, state: Path, run: Path) -> None:
        self._containers = Containers(state, run)
        self._records = Records(state / "storage")
        self._isolations = Isolations(run)
        builder = StandInBuilder(self._containers, self._records, self._isolations)
        self._puller = Puller(self._containers, self._records, builder, Remembered(state / "references"))
        self._presence = Presence(state / "sessions.lock")
        self._ready = asyncio.Lock()
        self._is_ready = False

    async def pull(self, reference: str, *, platform: str = "linux/amd64", auth: Sequence[RegistryAuth] = ()) -> Image:
        """Return the image that `reference` names, from its registry or as a stand-in."""
        await self._open()
        return await self._puller.pull(reference, platform, auth)

    async def build(
        self,
        context: Path,
        *,
        dockerfile: str = "Dockerfile",
        platform: str = "linux/amd64",
        build_args: Mapping[str, str] | None = None,
        target: str = "",
        secrets: Mapping[str, bytes] | None = None,
        auth: Sequence[RegistryAuth] = (),
        ssh_socket: Path | None = None,
    ) -> Image:
        """Build a Dockerfile of `context`; secrets reach its steps as files and stay out of layers and argv."""
        await self._open()
        request = Request(context, dockerfile, platform, build_args or {}, target, secrets or {}, ssh_socket)

        async def pull(reference: str, wanted: str) -> Image:
            return await self._puller.pull(reference, wanted, auth)

        image_id = await build(request, self._containers, self._isolations, pull)
        image = self._records.image(image_id)
        if image is None:
            raise EngineError(f"the image {image_id} that was built is not in the storage; run again")
        return image

    async def bases(
        self, dockerfile: str, *, platform: str, build_args: Mapping[str, str], target: str = ""
    ) -> list[str]:
        """Return the ids of the images that a Dockerfile of this text starts from, pulling those that are missing."""
        await self._open()
        scanned = Dockerfile(dockerfile, platform=platform, build_platform=own_platform(), args=build_args)
        needs = scanned.needed(target)
        images = await asyncio.gather(*(self._puller.pull(need.reference, need.platform, ()) for need in needs))
        return [image.id for image in images]

    async def find(self, image_id: str) -> Image | None:
        """Return the image of this id, if it is there with all of its layers."""
        return await asyncio.to_thread(self._records.image, image_id)

    async def exists(self, image_id: str) -> bool:
        """Tell whether an image is there, with all of its layers."""
        return await asyncio.to_thread(self._records.has, image_id)

    async def close(self) -> None:
        """Remove working containers that a cancelled step left, unless another session may own them."""
        if self._is_ready and self._presence.alone():
            await self._remove_containers()

    async def _open(self) -> None:
        """Clean up after sessions that were killed, when no other one lives; then be one of those that live."""
        async with self._ready:
            if self._is_ready:
                return
            if self._presence.alone():
                await self._remove_containers()
            await self._presence.share()
            self._is_ready = True

    async def _remove_containers(self) -> None:
        if self._records.has_containers():
            await self._containers.buildah("rm", "--all", check=False)
