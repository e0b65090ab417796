"""The engine's image store: one object through which all images come, go and are made."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from dagger_local.disk import full_disk_named
from dagger_local.errors import EngineError
from dagger_local.images.archive import write_archive
from dagger_local.images.containers import Containers
from dagger_local.images.load import load
from dagger_local.images.locks import Presence
from dagger_local.images.model import Assembled, Image, RegistryAuth
from dagger_local.images.oci import Layouts
from dagger_local.images.pull import Puller
from dagger_local.images.push import push
from dagger_local.images.reach import Reach
from dagger_local.images.records import Records
from dagger_local.images.references import parse
from dagger_local.images.remembered import Remembered
from dagger_local.images.stand_in_builder import StandInBuilder
from dagger_local.images.sweep import sweep
from dagger_local.images.workshop import Workshop, open_workshop
from dagger_local.store.mounts import Mounter


class ImageStore:
    """Images under `state`, worked on with files of this session under `run` (a private directory on a tmpfs)."""

    def __init__(self, state: Path, run: Path, mounter: Mounter) -> None:
        self._state = state
        self._containers = Containers(state, run)
        self._records = Records(state / "storage")
        self._reach = Reach()
        self._remembered = Remembered(state / "references")
        self._mounter = mounter
        self._run = run
        builder = StandInBuilder(state, self._workshop)
        self._puller = Puller(self._containers, self._records, builder, self._remembered, self._reach)
        self._layouts = Layouts(state / "oci", state / "storage")
        self._presence = Presence(state / "sessions.lock")
        self._ready = asyncio.Lock()
        self._is_ready = False

    async def pull(self, reference: str, *, platform: str = "linux/amd64", auth: Sequence[RegistryAuth] = ()) -> Image:
        """Return the image that `reference` names, from its registry or as a stand-in."""
        await self._open()
        with full_disk_named(self._state):
            return await self._puller.pull(reference, platform, auth)

    async def load(self, archive: Path, *, tag: str = "") -> Image:
        """Return the image of an archive, Docker's kind or OCI's."""
        await self._open()
        with full_disk_named(self._state):
            image_id = await load(self._containers, self._records, archive, tag)
        return await self._found(image_id)

    async def write_layout(
        self, images: Sequence[Assembled], *, compression: str | None = None, media_types: str | None = None
    ) -> Path:
        """Return a directory with the OCI layout of one image, or of an index of several; not to be written to.

        `compression` and `media_types` are members of ImageLayerCompression and ImageMediaTypes.
        """
        with full_disk_named(self._state):
            return await self._layouts.write(images, compression=compression, media_types=media_types)

    async def write_archive(self, layout: Path, target: Path) -> None:
        """Write a layout as one tar."""
        with full_disk_named(self._state):
            await asyncio.to_thread(write_archive, layout, target)

    async def push(
        self, layout: Path, reference: str, *, auth: Sequence[RegistryAuth] = (), tls_verify: bool | None = None
    ) -> str:
        """Push a layout; return its digest as the registry has it. A registry on this machine is spoken to by HTTP."""
        target = parse(reference)
        digest = await push(self._containers, self._reach, layout, target, auth, tls_verify=tls_verify)
        self._remembered.forget_all(str(target))
        return digest

    async def close(self) -> None:
        """Let others clean up."""
        self._presence.close()

    async def _found(self, image_id: str) -> Image:
        image = await asyncio.to_thread(self._records.image, image_id)
        if image is None:
            raise EngineError(f"image {image_id} is not whole in {self._state}; run `dagger-local prune` and try again")
        return image

    async def _open(self) -> None:
        """Clean up after sessions that were killed, when no other one lives; then be one of those that live."""
        async with self._ready:
            if self._is_ready:
                return
            if self._presence.alone():
                await asyncio.to_thread(sweep, self._state)
            await self._presence.share()
            self._is_ready = True

    async def _workshop(self) -> Workshop:
        """Return where stand-ins are put together."""
        wanted = os.environ.get("DAGGER_LOCAL_RUNTIME", "")
        return await open_workshop(self._mounter, self._run / "workshop", self._state / "runtime", wanted=wanted)
