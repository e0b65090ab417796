"""The images of a release: a noun that other modules go on with, and what a report says of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from dagger import Doc

from pipeline.concurrency import side_by_side
from pipeline.forge import PullRequest
from pipeline.surface import Format, as_json, field, human, listed, markdown_table, object_type, text_table, uncached

from .image import Built, Image


@object_type
class Build:
    """The images of one release tag."""

    tag: str = field()
    images: list[Image] = field()

    @uncached
    async def publish(self) -> list[str]:
        """Build all images, then push those that are not released yet, and return all references with digests."""
        there = await self.released()
        await self.build()
        return await self.push(there)

    @uncached
    async def report(self, format_: Annotated[Format, Doc("how the report is written")] = Format.TEXT) -> str:
        """Build all images and report them, without pushing."""
        return report(self.tag, await self.build(), [], [], format_=format_)

    async def build(self) -> list[Built]:
        """Build all images side by side."""
        return await side_by_side(Image.build, self.images)

    async def released(self) -> list[str]:
        """Return the digest that each image has in the registry; empty for what is not released yet."""
        return await side_by_side(Image.released, self.images)

    async def push(self, there: list[str]) -> list[str]:
        """Push the images side by side; those that are there already only say under which digest."""
        digests = {image.service: digest for image, digest in zip(self.images, there, strict=True)}
        return await side_by_side(lambda image: image.push(digests[image.service]), self.images)


def report(
    tag: str,
    built: list[Built],
    published: list[str],
    there: list[str],
    attached: Sequence[Mapping[str, int]] = (),
    *,
    format_: Format,
    commit: str | None = None,
    pull_request: PullRequest | None = None,
) -> str:
    """Say what was built, and what came of publishing it.

    Args:
        tag: the release.
        built: what was built.
        published: the references under which it was published, with digests; nothing if it was not.
        there: the digests of what the registry had already, empty for what it had not.
        attached: how much of each kind refers to each image; nothing if nothing was attached.
        format_: how it is written.
        commit: the one that deploys it; empty if there was nothing to change, None where this pipeline deploys nothing.
        pull_request: the one that the commit is proposed by, if it is.
    """
    digests = [reference.partition("@")[2] for reference in published] or [one.contents.digest for one in built]
    images = [
        {
            "service": one.image.service,
            "reference": one.image.reference,
            "digest": digest,
            "size": one.contents.size,
            "platforms": list(one.contents.platforms),
            **({"already_there": True} if before else {}),
            **({"attached": dict(kinds)} if kinds else {}),
        }
        for one, digest, before, kinds in zip(
            built, digests, there or [""] * len(built), attached or [{}] * len(built), strict=True
        )
    ]
    if format_ is Format.JSON:
        deployed: dict[str, Any] = {} if commit is None else {"commit": commit or None}
        if pull_request:
            deployed["pull_request"] = pull_request.as_dict()
        return as_json({"tag": tag, "pushed": bool(published), "images": images, **deployed})
    table = markdown_table if format_ is Format.MARKDOWN else text_table
    head = ["service", "reference", "digest", "size", "platforms"]
    rows = [_row(image) for image in images]
    if published:
        head, rows = [*head, "image"], [[*row, _pushed(image)] for row, image in zip(rows, images, strict=True)]
    if attached:
        head, rows = [*head, "attached"], [[*row, _attached(kinds)] for row, kinds in zip(rows, attached, strict=True)]
    text = table(head, rows)
    if commit is None:
        return text
    said = f"committed {commit}" if commit else "nothing to commit: the overlays were up to date"
    return "\n\n".join([text, said, *([str(pull_request)] if pull_request else [])])


def _row(image: dict[str, Any]) -> list[str]:
    return [
        image["service"],
        image["reference"],
        image["digest"],
        human(image["size"]),
        ", ".join(image["platforms"]),
    ]


def _attached(kinds: Mapping[str, int]) -> str:
    return listed(kind if count == 1 else f"{count} {kind}s" for kind, count in kinds.items() if count) or "nothing"


def _pushed(image: dict[str, Any]) -> str:
    return "already there" if image.get("already_there") else "pushed"
