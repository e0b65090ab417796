"""The images of a release: a noun that other modules go on with, and what a report says of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import anyio.to_thread
import dagger
from dagger import Doc

from ._archive import Contents, contents
from ._errors import BuildFailed
from ._pushing import refused
from ._reports import Format, as_json, human, markdown_table, text_table
from ._surface import explained, field, function, object_type, uncached
from ._together import side_by_side

_NO_LAYER = "the image has no layer, and engines export none without: COPY something into it"


@object_type
class Image:
    """One service's image, for one or for several platforms."""

    service: str = field()
    reference: str = field()
    container: dagger.Container = field()
    variants: list[dagger.Container] = field(default=list)
    platforms: list[str] = field(default=list)
    registry_service: dagger.Service | None = None

    @function
    def archive(self) -> dagger.File:
        """Return the image, with all its platforms, as an archive in the OCI layout."""
        return self.container.as_tarball(platform_variants=self.variants)

    @uncached
    async def publish(self) -> str:
        """Push the image to its reference and return that with the registry's digest."""
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


@object_type
class Build:
    """The images of one release tag."""

    tag: str = field()
    images: list[Image] = field()

    @uncached
    async def publish(self) -> list[str]:
        """Build all images, then push them, and return their references with digests."""
        await self.build()
        return await self.push()

    @uncached
    async def report(self, format_: Annotated[Format, Doc("how the report is written")] = Format.TEXT) -> str:
        """Build all images and report them, without pushing."""
        return report(self.tag, await self.build(), [], format_)

    async def build(self) -> list[Built]:
        """Build all images side by side."""
        return await side_by_side(Image.build, self.images)

    async def push(self) -> list[str]:
        """Push all images side by side."""
        return await side_by_side(Image.publish, self.images)


def report(tag: str, built: list[Built], published: list[str], format_: Format) -> str:
    """Say what was built, and with which digest it was published if it was."""
    digests = [reference.partition("@")[2] for reference in published] or [one.contents.digest for one in built]
    images = [
        {
            "service": one.image.service,
            "reference": one.image.reference,
            "digest": digest,
            "size": one.contents.size,
            "platforms": list(one.contents.platforms),
        }
        for one, digest in zip(built, digests, strict=True)
    ]
    if format_ is Format.JSON:
        return as_json({"tag": tag, "pushed": bool(published), "images": images})
    table = markdown_table if format_ is Format.MARKDOWN else text_table
    return table(["service", "reference", "digest", "size", "platforms"], [_row(image) for image in images])


def _row(image: dict[str, Any]) -> list[str]:
    return [
        image["service"],
        image["reference"],
        image["digest"],
        human(image["size"]),
        ", ".join(image["platforms"]),
    ]


def _look_into(archive: Path) -> Contents:
    try:
        return contents(archive)
    finally:
        archive.unlink()
