"""Look into what runs."""

from typing import Annotated

import dagger
from dagger import Doc

from pipeline import materials, promotion, vulnerabilities
from pipeline.call import GitCredentials
from pipeline.errors import InvalidInput
from pipeline.overlays import InvalidOverlay
from pipeline.surface import Format, arguments, uncached

from .given import Given


class Inspecting(Given):
    """The bill of materials, and vulnerabilities."""

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
        place = description.environment(environment)
        running = promotion.running(tip, wanted.name, place.name)
        if not running:
            msg = f"{environment} runs nothing of {service}: promote a version to it first, or see status"
            raise InvalidInput(msg)
        made = await materials.bill(
            await self._call.registries(description),
            running.image,
            materials.Trust(place.signers, description.tools.cosign, self.source),
            platform=next(iter(wanted.platforms), ""),
            service=service,
            environment=environment,
            version=running.version,
        )
        return materials.bill_report(made, format_)

    @uncached
    async def vulnerabilities(
        self,
        *,
        environment: Annotated[str, Doc("only what this environment runs, and all that is known of it")] = "",
        services: arguments.Services = None,
        strict: Annotated[bool, Doc("fail if anything is not known, or known by an old database alone")] = False,
        database: Annotated[
            dagger.File | None, Doc("grype's database as an archive, where it cannot be fetched, such as db.tar.zst")
        ] = None,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Say which vulnerabilities are known of what runs, and what a promotion would mend, or bring.

        They are found by the SBOMs that are attached to the images, with grype. What cannot be found out is said.
        """
        description = await self._call.describe()
        where = [description.environment(environment)] if environment else list(description.environments)
        tip = await self._call.tip(description, GitCredentials(git_token, git_ssh))
        images = [
            image
            for place in where
            for service in description.select(services or [])
            if (image := _image(tip, service.name, place.name))
        ]
        registries = await self._call.registries(description)
        found = await vulnerabilities.scan(registries, description.tools.grype, images, database)
        if strict:
            found.require_known()
        before = {place.name: place.promotes_from for place in where}
        return vulnerabilities.vulnerability_report(found, before, format_)


def _image(tip: promotion.Tip, service: str, environment: str) -> vulnerabilities.Image | None:
    """Return what runs, to be looked into; None if nothing does."""
    try:
        running = promotion.running(tip, service, environment)
    except InvalidOverlay as error:
        return vulnerabilities.Image(environment, service, "", "", problem=str(error))
    return vulnerabilities.Image(environment, service, running.version, running.image) if running else None
