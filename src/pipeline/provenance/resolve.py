"""Find out where an image comes from: its source, and the base images with the digests that the engine takes."""

from collections.abc import Mapping

import dagger
from dagger import dag

from pipeline.concurrency import side_by_side
from pipeline.description import Service
from pipeline.errors import PushFailed, explained
from pipeline.services import Recipe
from pipeline.tools import shown

from .base_images import base_images
from .statement import BaseImage, Origin


@shown(lambda _, service, __: f"find out what {service.name} is built on")
async def origin(recipe: Recipe, service: Service, run: str) -> Origin:
    """Return where an image comes from.

    Args:
        recipe: how the release is made.
        service: whose image it is.
        run: the address of the CI run; empty outside of CI.

    Raises:
        PushFailed: a base image could not be asked for.
    """
    text = await recipe.source.file(service.dockerfile_path).contents()
    arguments, own = recipe.arguments(service), str(await dag.default_platform())
    platforms = recipe.platforms or service.platforms
    named = [
        name
        for platform in platforms or (own,)
        for name in base_images(
            text, {**_platform(platform, "TARGET"), **_platform(own, "BUILD"), **arguments}, service.target
        )
    ]

    async def base(name: str) -> BaseImage:
        return await _base(service, name)

    return Origin(
        service=service.name,
        tag=recipe.tag,
        repository=recipe.description.repository,
        commit=recipe.revision.commit if recipe.revision else "",
        context=service.context,
        dockerfile=service.dockerfile_path,
        target=service.target,
        platforms=platforms,
        arguments=tuple(arguments),
        secrets=service.secrets,
        bases=await side_by_side(base, list(dict.fromkeys(named))),
        run=run,
    )


async def _base(service: Service, name: str) -> BaseImage:
    if "$" in name:  # a variable that only the build knew
        return BaseImage(name)
    try:
        reference = await dag.container().from_(name).image_ref()
    except dagger.QueryError as error:
        msg = f"{service.name}: asking for its base image {name} failed: {explained(error)}"
        raise PushFailed(msg) from None
    return BaseImage(*reference.partition("@")[::2])


def _platform(platform: str, which: str) -> Mapping[str, str]:
    """Return the arguments that every Dockerfile has of a platform."""
    system, architecture, variant = (*platform.split("/"), "")[:3]
    parts = {"PLATFORM": platform, "OS": system, "ARCH": architecture, "VARIANT": variant}
    return {f"{which}{name}": value for name, value in parts.items()}
