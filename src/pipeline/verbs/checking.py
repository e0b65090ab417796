"""Try things out before they count: the checks, and the whole road in throwaway servers."""

from pipeline.checks import check_manifests
from pipeline.description import describe
from pipeline.rehearsal import rehearse
from pipeline.surface import Format, arguments, check, uncached
from pipeline.tools import toolbox

from .given import Given


class Checking(Given):
    """Rehearse, and the checks."""

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
