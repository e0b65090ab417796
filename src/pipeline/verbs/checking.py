"""Try things out before they count: the checks, and the whole road in throwaway servers."""

import dagger

from pipeline.checks import check_manifests
from pipeline.description import describe
from pipeline.generation import generate as generated
from pipeline.rehearsal import rehearse
from pipeline.surface import Format, arguments, check, generate, uncached
from pipeline.tools import toolbox

from .given import Given


class Checking(Given):
    """Rehearse, the checks, and what is generated."""

    @uncached
    async def rehearse(
        self,
        *,
        tag: arguments.Tag,
        services: arguments.Services = None,
        build_secret: arguments.BuildSecrets = None,
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Walk the whole road, build, dev, stg, prod, back and forward, against throwaway servers."""
        return (await rehearse(await self._call.recipe(tag, services, None, build_secret))).report(format_)

    @uncached
    @check
    async def manifests(self) -> None:
        """Check that every overlay says what pipeline.yaml says, and renders to it."""
        description = await describe(self.source)
        await check_manifests(await toolbox(description.tools).sync(), self.source, description)

    @uncached
    @generate
    async def generated(self) -> dagger.Changeset:
        """Write what follows from pipeline.yaml: workflows' choices, Applications, overlays that are missing."""
        return await generated(self.source, await describe(self.source))
