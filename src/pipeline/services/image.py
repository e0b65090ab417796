"""One service's image: a noun that other modules go on with."""

import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import dagger

from pipeline.concurrency import side_by_side
from pipeline.errors import BuildFailed, explained
from pipeline.registry import Copier, host, refused
from pipeline.surface import field, function, object_type, uncached

from .archive import Contents, contents
from .released import released

_NO_LAYER = "the image has no layer, and Dagger's engine exports none without: COPY something into it"


@object_type
class Image:
    """One service's image, for one or for several platforms."""

    service: str = field()
    reference: str = field()
    container: dagger.Container = field()
    variants: list[dagger.Container] = field(default=list)
    platforms: list[str] = field(default=list)
    labels: dict[str, str] = dataclasses.field(default_factory=dict)
    registries: dict[str, str] = dataclasses.field(default_factory=dict)
    registry_service: dagger.Service | None = None
    crane: dagger.Container | None = None

    @function
    def archive(self) -> dagger.File:
        """Return the image, with all its platforms, as an archive in the OCI layout."""
        return self.container.as_tarball(platform_variants=self.variants)

    @uncached
    async def publish(self) -> str:
        """Push the image to its reference and return that with the registry's digest; a release is kept as it is."""
        return await self.push(await self.released())

    async def released(self) -> str:
        """Return the digest under which the registry has this release; empty if it has none.

        Raises:
            PushFailed: another image has its tag, or the registry cannot be asked.
        """
        if self.crane is None:
            way = f"give --registry-service tcp://{host(self.reference)} before the verb"
            sys.stderr.write(f"warning: {self.reference} is pushed over whatever is there: to have it asked, {way}\n")
            return ""
        copier = Copier(self.crane, self.registries)
        platform = self.platforms[0] if self.platforms else ""
        return await released(copier, self.service, self.reference, self.labels, platform)

    async def push(self, there: str = "") -> str:
        """Push the image, unless the registry has the release under a digest, and return the reference with that."""
        if there:
            return f"{self.reference}@{there}"
        try:
            return await self.container.publish(
                self.reference, platform_variants=self.variants, registry_service=self.registry_service
            )
        except dagger.QueryError as error:
            raise refused(self.service, self.reference, error) from None

    async def build(self) -> "Built":
        """Build the image for every platform and look at the result.

        Raises:
            BuildFailed: with the last lines of the step that failed.
        """
        try:
            await side_by_side(dagger.Container.sync, [self.container, *self.variants])
            # A name of its own: the module's working directory is shared by the services.
            archive = Path(await self.archive().export(f"{self.service}.tar"))
        except dagger.QueryError as error:
            reason = explained(error)
            msg = f"{self.service}: building failed: {_NO_LAYER if 'no containers to export' in reason else reason}"
            raise BuildFailed(msg) from None
        found = await anyio.to_thread.run_sync(_look_into, archive)
        if not found.layers:
            msg = f"{self.service}: building failed: {_NO_LAYER}"
            raise BuildFailed(msg)
        if lacking := found.lacking(self.platforms):
            said = f"asked for {', '.join(lacking)}, the engine built what says it is for {', '.join(found.platforms)}"
            msg = f"{self.service}: {said}: build it by an engine of that platform"
            raise BuildFailed(msg)
        return Built(self, found)


@dataclass(frozen=True, slots=True)
class Built:
    """An image that was built, and what is in it."""

    image: Image
    contents: Contents


def _look_into(archive: Path) -> Contents:
    try:
        return contents(archive)
    finally:
        archive.unlink()
