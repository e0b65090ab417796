"""The module's surface: verbs print, nouns chain."""

from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, Ignore

from . import _arguments as arguments
from ._access import Access, require
from ._checking import check_manifests
from ._commit import check_author
from ._copying import Copier, copier
from ._description import Description
from ._desk import Desk
from ._landing import look, look_into
from ._promoting import Intent, check_force, target_environment
from ._promotion import plan, promote
from ._pushing import Registry, require_password, stripped
from ._recipe import Recipe, check_platforms
from ._references import check_tag, is_local
from ._rehearsal import rehearse
from ._remote import Remote, remote
from ._reports import Format
from ._revision import revision
from ._rollback import FIRST, Back, rollback
from ._source import LEFT_OUT, describe
from ._status import report as status_report
from ._status import status
from ._surface import check, object_type, uncached
from ._together import both
from ._toolbox import toolbox
from .images import Build, report
from .plan import Plan, as_plan


@object_type
class Pipeline:
    """Take a release from its tag to production: build once, promote by digest."""

    source: Annotated[
        dagger.Directory, DefaultPath("/"), Ignore(LEFT_OUT), Doc("the repository; the checkout if not given")
    ]
    registry: Annotated[str, Doc("registry's address instead of pipeline.yaml's, such as localhost:5000")] = ""
    registry_username: Annotated[str, Doc("user name at the registry")] = "AWS"
    registry_password: Annotated[dagger.Secret | None, Doc("password at the registry")] = None
    registry_service: Annotated[
        dagger.Service | None, Doc("service that answers for the registry's address, such as tcp://localhost:5000")
    ] = None
    git_service: Annotated[
        dagger.Service | None, Doc("service that answers for the Git repository's host, such as tcp://localhost:8080")
    ] = None

    git_known_hosts: Annotated[
        dagger.File | None, Doc("host keys of the Git repository's host, for SSH, such as ~/.ssh/known_hosts")
    ] = None

    @uncached
    async def build(
        self,
        *,
        tag: arguments.Tag,
        push: Annotated[bool, Doc("push to the repositories of the first environment")] = False,
        services: arguments.Services = None,
        platforms: arguments.Platforms = None,
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Build the services' images side by side and report them; push them if asked."""
        check_tag(tag)
        if push:
            require_password((await describe(self.source, self.registry)).registry, self.registry_password)
        images = await self.images(tag=tag, services=services, platforms=platforms)
        built = await images.build()
        return report(tag, built, await images.push() if push else [], format_)

    @uncached
    async def images(
        self, *, tag: arguments.Tag, services: arguments.Services = None, platforms: arguments.Platforms = None
    ) -> Build:
        """Return the images of a release, to go on with: each with its container, reference and publish."""
        recipe = await self._recipe(tag, platforms or [])
        return Build(tag=tag, images=[recipe.image(service) for service in recipe.description.select(services or [])])

    @uncached
    async def promote(
        self,
        *,
        version: arguments.Tag,
        target_env: arguments.Environment,
        services: arguments.Services = None,
        dry_run: arguments.DryRun = False,
        force: arguments.Force = False,
        reason: arguments.Reason = "",
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        author: arguments.Author = arguments.DEFAULT_AUTHOR,
        actor: arguments.Actor = "",
        run_url: arguments.RunUrl = "",
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Copy a version's images to an environment by digest, and commit that it runs them."""
        check_tag(version)
        check_force(force, reason)
        signed = arguments.Signed(author, actor, run_url, reason)
        desk = await self._desk(signed, git_token, git_ssh, format_, writing=not dry_run)
        intent = self._intent(desk.description, version, target_env, services, force=force)
        if dry_run:
            return (await plan(desk, intent)).outcome.report(format_)
        if self.registry_service is None:
            require_password(desk.description.registry, self.registry_password)
        return (await promote(desk, intent)).report(format_)

    @uncached
    async def plan(
        self,
        *,
        version: arguments.Tag,
        target_env: arguments.Environment,
        services: arguments.Services = None,
        force: arguments.Force = False,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
    ) -> Plan:
        """Return what a promotion would do, to go on with: its services, and its changes as a Changeset."""
        check_tag(version)
        desk = await self._desk(arguments.Signed(), git_token, git_ssh, Format.MARKDOWN)
        return as_plan(await plan(desk, self._intent(desk.description, version, target_env, services, force=force)))

    @uncached
    async def rollback(
        self,
        *,
        target_env: arguments.Environment,
        to: Annotated[
            str, Doc("tag to go back to, one that ran there; if not given, what ran before the last change")
        ] = "",
        services: arguments.Services = None,
        dry_run: arguments.DryRun = False,
        reason: arguments.Reason = "",
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        author: arguments.Author = arguments.DEFAULT_AUTHOR,
        actor: arguments.Actor = "",
        run_url: arguments.RunUrl = "",
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Commit that an environment runs again what it ran before; nothing is built or copied."""
        signed = arguments.Signed(author, actor, run_url, reason)
        desk = await self._desk(signed, git_token, git_ssh, format_, writing=not dry_run)
        environment = target_environment(desk.description, target_env, FIRST)
        back = Back(environment, desk.description.select(services or []), check_tag(to) if to else "")
        return (await rollback(desk, back, dry_run=dry_run)).report(format_)

    @uncached
    async def status(
        self,
        *,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Say which version of every service runs where.

        It is read from the source's overlays, or with a Git credential from the branch's. With a registry
        password, or a registry on this machine, the registry is asked whether it agrees.
        """
        description = await describe(self.source, self.registry)
        if git_token or git_ssh:
            tools = await toolbox(description.tools).sync()
            tip = await look(await self._remote(tools, description, git_token, git_ssh), description.manifests)
        else:
            tip = await look_into(self.source, description.manifests)
        if self.registry_password is None and not is_local(description.registry):
            return status_report(await status(description, tip, None), format_)
        crane = await self._copier(await toolbox(description.tools).sync(), description)
        return status_report(await status(description, tip, crane), format_)

    @uncached
    async def rehearse(
        self, *, tag: arguments.Tag, services: arguments.Services = None, format_: arguments.Style = Format.TEXT
    ) -> str:
        """Walk the whole road, build, dev, stg, prod, back and forward, against throwaway servers."""
        return (await rehearse(await self._recipe(tag, []), services or [])).report(format_)

    @uncached
    @check
    async def manifests(self) -> None:
        """Check that every overlay says what pipeline.yaml says, and renders to it."""
        description = await describe(self.source)
        await check_manifests(await toolbox(description.tools).sync(), self.source, description)

    async def _recipe(self, tag: str, platforms: list[str]) -> Recipe:
        check_tag(tag)
        check_platforms(platforms)
        description = await describe(self.source, self.registry)
        wanted = tuple(dict.fromkeys(platforms))
        commit = await revision(self.source, description.tools.git)
        return Recipe(description, self.source, tag, wanted, commit, await self._access())

    def _intent(
        self, description: Description, version: str, target_env: str, services: list[str] | None, *, force: bool
    ) -> Intent:
        environment = target_environment(description, target_env)
        return Intent(description, version, environment, description.select(services or []), force)

    async def _desk(
        self,
        signed: arguments.Signed,
        git_token: dagger.Secret | None,
        git_ssh: dagger.Socket | None,
        format_: Format,
        *,
        writing: bool = False,
    ) -> Desk:
        author, circumstances = check_author(signed.author), signed.circumstances()
        description = await describe(self.source, self.registry)
        tools = await toolbox(description.tools).sync()
        branch, crane = await both(
            self._remote(tools, description, git_token, git_ssh, writing=writing), self._copier(tools, description)
        )
        return Desk(description, tools, crane, branch, author, circumstances, render_before=format_ is Format.MARKDOWN)

    async def _remote(
        self,
        tools: dagger.Container,
        description: Description,
        token: dagger.Secret | None,
        ssh: dagger.Socket | None,
        *,
        writing: bool = False,
    ) -> Remote:
        access = Access(await stripped(token, "git-token"), ssh, self.git_known_hosts, self.git_service)
        require(description.repository, access, writing=writing)
        return await remote(tools, description.repository, description.branch, access)

    async def _copier(self, tools: dagger.Container, description: Description) -> Copier:
        return await copier(tools, description.registry, await self._access())

    async def _access(self) -> Registry:
        password = await stripped(self.registry_password, "registry-password")
        return Registry(self.registry_username, password, self.registry_service)
