"""Try things out before they count: the checks, and the whole road in throwaway servers."""

from pipeline.checks import Scan, check_manifests, check_workflows, lint_services, test_services
from pipeline.description import describe
from pipeline.rehearsal import rehearse
from pipeline.surface import Format, arguments, check, function, uncached
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

    @function
    @check
    async def lint(self, services: arguments.Services = None) -> str:
        """Lint the services, each by what pipeline.yaml says or its files tell."""
        return await lint_services(await describe(self.source), self.source, services or [])

    @function
    @check
    async def test(self, services: arguments.Services = None) -> str:
        """Run the services' tests, each by what pipeline.yaml says or its files tell."""
        return await test_services(await describe(self.source), self.source, services or [])

    @function
    def scan(self) -> Scan:
        """Look for what is dangerous; each kind is a check of its own."""
        return Scan(source=self.source)

    @uncached
    @check
    async def manifests(self) -> None:
        """Check that every overlay says what pipeline.yaml says, and renders to it."""
        description = await describe(self.source)
        await check_manifests(await toolbox(description.tools).sync(), self.source, description)

    @function
    @check
    async def workflows(self) -> str:
        """Check GitHub's workflows with actionlint, and with zizmor as its auditor."""
        return await check_workflows((await describe(self.source)).tools, self.source)
