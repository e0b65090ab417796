"""The module's surface: verbs print, nouns chain."""

from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, Ignore

from pipeline.checks import check_manifests
from pipeline.description import LEFT_OUT, Description, describe
from pipeline.git import Access, Signature, remote, sign
from pipeline.promotion import (
    FIRST,
    Plan,
    Rollback,
    Workspace,
    as_plan,
    check_force,
    intend,
    open_workspace,
    prepare,
    promote,
    read_branch,
    read_directory,
    rollback,
    status,
    status_report,
    summary,
    target_environment,
)
from pipeline.registry import Credentials, check_tag, copier, credentials, is_local, require_password
from pipeline.rehearsal import rehearse
from pipeline.services import Build, Recipe, recipe, report
from pipeline.surface import Format, arguments, check, object_type, uncached
from pipeline.tools import toolbox


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
        build_secret: arguments.BuildSecrets = None,
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Build the services' images side by side and report them; push them if asked."""
        check_tag(tag)
        if push:
            require_password((await self._describe()).registry, self.registry_password)
        images = await self.images(tag=tag, services=services, platforms=platforms, build_secret=build_secret)
        built = await images.build()
        return report(tag, built, await images.push() if push else [], format_)

    @uncached
    async def images(
        self,
        *,
        tag: arguments.Tag,
        services: arguments.Services = None,
        platforms: arguments.Platforms = None,
        build_secret: arguments.BuildSecrets = None,
    ) -> Build:
        """Return the images of a release, to go on with: each with its container, reference and publish."""
        made = await self._recipe(tag, services, platforms, build_secret)
        return Build(tag=tag, images=made.images)

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
        signature = sign(author, actor, run_url, reason)
        description = await self._describe()
        intent = intend(description, version, target_env, services or [], force=force)
        access = self._access(git_token, git_ssh)
        workspace = await self._workspace(description, access, signature, format_, writing=not dry_run)
        if dry_run:
            return summary((await prepare(workspace, intent)).plan, format_)
        if self.registry_service is None:
            require_password(description.registry, self.registry_password)
        return summary(await promote(workspace, intent), format_)

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
        description = await self._describe()
        intent = intend(description, version, target_env, services or [], force=force)
        access = self._access(git_token, git_ssh)
        workspace = await self._workspace(description, access, sign(arguments.DEFAULT_AUTHOR), Format.MARKDOWN)
        return as_plan(await prepare(workspace, intent))

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
        signature = sign(author, actor, run_url, reason)
        description = await self._describe()
        environment = target_environment(description, target_env, FIRST)
        intent = Rollback(environment, description.select(services or []), check_tag(to) if to else "")
        access = self._access(git_token, git_ssh)
        workspace = await self._workspace(description, access, signature, format_, writing=not dry_run)
        return summary(await rollback(workspace, intent, dry_run=dry_run), format_)

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
        description = await self._describe()
        tools = toolbox(description.tools)
        if git_token or git_ssh:
            access = self._access(git_token, git_ssh)
            branch = await remote(await tools.sync(), description.repository, description.branch, access, writing=False)
            tip = await read_branch(branch, description)
        else:
            tip = await read_directory(self.source, description)
        crane = None
        if self.registry_password or is_local(description.registry):
            crane = await copier(await tools.sync(), description.registry, await self._credentials())
        return status_report(await status(description, tip, crane), format_)

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
        return (await rehearse(await self._recipe(tag, services, None, build_secret))).report(format_)

    @uncached
    @check
    async def manifests(self) -> None:
        """Check that every overlay says what pipeline.yaml says, and renders to it."""
        description = await describe(self.source)
        await check_manifests(await toolbox(description.tools).sync(), self.source, description)

    async def _describe(self) -> Description:
        return await describe(self.source, self.registry)

    async def _recipe(
        self,
        tag: str,
        services: list[str] | None,
        platforms: list[str] | None,
        secrets: list[dagger.Secret] | None,
    ) -> Recipe:
        return await recipe(
            await self._describe(),
            self.source,
            tag,
            services=services or [],
            platforms=platforms or [],
            credentials=await self._credentials(),
            secrets=secrets or [],
        )

    async def _workspace(
        self, description: Description, access: Access, signature: Signature, format_: Format, *, writing: bool = False
    ) -> Workspace:
        return await open_workspace(
            description,
            await self._credentials(),
            access,
            signature,
            writing=writing,
            render_before=format_ is Format.MARKDOWN,
        )

    def _access(self, token: dagger.Secret | None, ssh: dagger.Socket | None) -> Access:
        return Access(token, ssh, self.git_known_hosts, self.git_service)

    async def _credentials(self) -> Credentials:
        return await credentials(self.registry_username, self.registry_password, self.registry_service)
