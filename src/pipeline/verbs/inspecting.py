"""Look into what runs."""

from typing import Annotated

from dagger import Doc

from pipeline import materials, promotion
from pipeline.call import GitCredentials
from pipeline.errors import InvalidInput
from pipeline.surface import Format, arguments, uncached

from .given import Given


class Inspecting(Given):
    """The bill of materials."""

    @uncached
    async def bill_of_materials(
        self,
        *,
        service: Annotated[str, Doc("service to look into")],
        environment: Annotated[str, Doc("environment that runs it")],
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Say what a service consists of in an environment: source, base images, packages, and who signed it.

        What runs is read from the source's overlays, or with a Git credential from the branch's; what it is made of,
        from what is attached to the image in the registry. Nothing is built again.
        """
        description = await self._call.describe()
        (wanted,) = description.select([service])
        tip = await self._call.tip(description, GitCredentials(git_token, git_ssh))
        running = promotion.running(tip, wanted.name, description.environment(environment).name)
        if not running:
            msg = f"{environment} runs nothing of {service}: promote a version to it first, or see status"
            raise InvalidInput(msg)
        made = await materials.bill(
            await self._call.registries(description),
            running.image,
            service=service,
            environment=environment,
            version=running.version,
            platform=next(iter(wanted.platforms), ""),
        )
        return materials.bill_report(made, format_)
