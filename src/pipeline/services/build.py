"""The images of a release: a noun that other modules go on with, and what a report says of it."""

from typing import Annotated, Any

from dagger import Doc

from pipeline.concurrency import side_by_side
from pipeline.surface import Format, as_json, field, human, markdown_table, object_type, text_table, uncached

from .image import Built, Image


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


def report(tag: str, built: list[Built], published: list[str], format_: Format, commit: str | None = None) -> str:
    """Say what was built, with which digest it was published if it was, and the commit that deploys it.

    `commit` is None where this pipeline does not deploy, and empty if there was nothing to change.
    """
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
        deployed = {} if commit is None else {"commit": commit or None}
        return as_json({"tag": tag, "pushed": bool(published), "images": images, **deployed})
    table = markdown_table if format_ is Format.MARKDOWN else text_table
    text = table(["service", "reference", "digest", "size", "platforms"], [_row(image) for image in images])
    if commit is None:
        return text
    return f"{text}\n\n{f'committed {commit}' if commit else 'nothing to commit: the overlays were up to date'}"


def _row(image: dict[str, Any]) -> list[str]:
    return [
        image["service"],
        image["reference"],
        image["digest"],
        human(image["size"]),
        ", ".join(image["platforms"]),
    ]
