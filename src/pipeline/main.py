"""The module's surface: verbs print, nouns chain."""

from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, Ignore

from ._pushing import Registry, require_password, usable_password
from ._recipe import Recipe, check_platforms
from ._references import check_tag
from ._reports import Format
from ._revision import revision
from ._source import ALLOWED, describe
from ._surface import object_type, uncached
from .images import Build, report

Tag = Annotated[str, Doc("release tag: v and a version by SemVer, such as v1.2.3")]
Services = Annotated[list[str] | None, Doc("only these services; all of them if not given")]
Platforms = Annotated[list[str] | None, Doc("platforms, such as linux/amd64; the engine's own if not given")]
Style = Annotated[Format, Doc("how the report is written")]


@object_type
class Pipeline:
    """Take a release from its tag to production: build once, promote by digest."""

    source: Annotated[
        dagger.Directory, DefaultPath("/"), Ignore(ALLOWED), Doc("the repository; the checkout if not given")
    ]
    registry: Annotated[str, Doc("registry's address instead of pipeline.yaml's, such as localhost:5000")] = ""
    registry_username: Annotated[str, Doc("user name at the registry")] = "AWS"
    registry_password: Annotated[dagger.Secret | None, Doc("password at the registry")] = None
    registry_service: Annotated[
        dagger.Service | None, Doc("service that answers for the registry's address, such as tcp://localhost:5000")
    ] = None

    @uncached
    async def build(
        self,
        *,
        tag: Tag,
        push: Annotated[bool, Doc("push to the repositories of the first environment")] = False,
        services: Services = None,
        platforms: Platforms = None,
        format_: Style = Format.TEXT,
    ) -> str:
        """Build the services' images side by side and report them; push them if asked."""
        check_tag(tag)
        if push:
            require_password((await describe(self.source, self.registry)).registry, self.registry_password)
        images = await self.images(tag=tag, services=services, platforms=platforms)
        built = await images.build()
        return report(tag, built, await images.push() if push else [], format_)

    @uncached
    async def images(self, *, tag: Tag, services: Services = None, platforms: Platforms = None) -> Build:
        """Return the images of a release, to go on with: each with its container, reference and publish."""
        check_tag(tag)
        check_platforms(platforms or [])
        description = await describe(self.source, self.registry)
        recipe = Recipe(
            description,
            self.source,
            tag,
            tuple(dict.fromkeys(platforms or [])),
            await revision(self.source),
            Registry(self.registry_username, await usable_password(self.registry_password), self.registry_service),
        )
        return Build(tag=tag, images=[recipe.image(service) for service in description.select(services or [])])
