"""The module's surface: verbs print, nouns chain."""

from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, Ignore

from pipeline import promotion
from pipeline.call import Call, GitCredentials
from pipeline.checks import check_manifests
from pipeline.description import LEFT_OUT, PIPELINE, describe
from pipeline.git import sign
from pipeline.promotion import Plan
from pipeline.registry import Credentials, check_tag, require_password
from pipeline.rehearsal import rehearse
from pipeline.services import Build, check_committed, report
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
    origin_registry_username: Annotated[
        str, Doc("user name at the registry of the environment promoted from, where that is another one")
    ] = "AWS"
    origin_registry_password: Annotated[
        dagger.Secret | None, Doc("password there; without it, what is given for the registry holds there too")
    ] = None
    origin_registry_service: Annotated[
        dagger.Service | None, Doc("service that answers for its address, such as tcp://localhost:5001")
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
        strict: Annotated[bool, Doc("push nothing but what Git has under the tag, all of it committed")] = False,
        services: arguments.Services = None,
        platforms: arguments.Platforms = None,
        build_secret: arguments.BuildSecrets = None,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        author: arguments.Author = arguments.DEFAULT_AUTHOR,
        actor: arguments.Actor = "",
        run_url: arguments.RunUrl = "",
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Build the services' images side by side and report them; push them if asked.

        Where pipeline.yaml says that the pipeline deploys the first environment, a push is committed as well.
        """
        signature = sign(author, actor, run_url)
        made, workspace = await self._call.recipe(tag, services, platforms, build_secret), None
        if push:
            description = made.description
            first = description.first
            require_password(description.registry_of(first.name), self.registry_password)
            await check_committed(self.source, description, tag, services or [], strict=strict)
            if first.deployed_by == PIPELINE:
                git = GitCredentials(git_token, git_ssh)
                workspace = await self._call.workspace(description, first, git, signature, writing=True)
        images = Build(tag=tag, images=made.images)
        there = await images.released() if push else []
        built = await images.build()
        published = await images.push(there) if push else []
        names = [image.service for image in made.images]
        commit = await promotion.deploy(workspace, dict(zip(names, published, strict=True))) if workspace else None
        return report(tag, built, published, there, format_=format_, commit=commit)

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
        made = await self._call.recipe(tag, services, platforms, build_secret)
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
        promotion.check_force(force, reason)
        signature = sign(author, actor, run_url, reason)
        description = await self._call.describe()
        intent = promotion.intend(description, version, target_env, services or [], force=force)
        git = GitCredentials(git_token, git_ssh)
        workspace = await self._call.workspace(
            description, intent.target, git, signature, writing=not dry_run, format_=format_
        )
        if dry_run:
            return promotion.summary((await promotion.prepare(workspace, intent)).plan, format_)
        if self.registry_service is None:
            require_password(description.registry_of(target_env), self.registry_password)
        return promotion.summary(await promotion.promote(workspace, intent), format_)

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
        description = await self._call.describe()
        intent = promotion.intend(description, version, target_env, services or [], force=force)
        git, signature = GitCredentials(git_token, git_ssh), sign(arguments.DEFAULT_AUTHOR)
        workspace = await self._call.workspace(
            description, intent.target, git, signature, writing=False, format_=Format.MARKDOWN
        )
        return promotion.as_plan(await promotion.prepare(workspace, intent))

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
        description = await self._call.describe()
        environment = promotion.target_environment(description, target_env, promotion.FIRST)
        intent = promotion.Rollback(environment, description.select(services or []), check_tag(to) if to else "")
        git = GitCredentials(git_token, git_ssh)
        workspace = await self._call.workspace(
            description, environment, git, signature, writing=not dry_run, format_=format_
        )
        return promotion.summary(await promotion.rollback(workspace, intent, dry_run=dry_run), format_)

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
        password or service, the registry is asked whether it agrees.
        """
        description = await self._call.describe()
        tip = await self._call.tip(description, GitCredentials(git_token, git_ssh))
        lines = await promotion.status(description, tip, await self._call.copier(description))
        return promotion.status_report(lines, format_)

    @uncached
    async def history(
        self,
        *,
        environment: Annotated[str, Doc("only what changed this environment")] = "",
        service: Annotated[str, Doc("only what changed this service")] = "",
        limit: Annotated[int, Doc("how many commits at most")] = 20,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Say who promoted what, when and why: from the checkout's commits, or with a Git credential the branch's."""
        description = await self._call.describe()
        description.select([service] if service else [])
        found = await self._call.promotions(description, GitCredentials(git_token, git_ssh), environment)
        return promotion.history_report(description, found, format_, service=service, limit=limit)

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

    @property
    def _call(self) -> Call:
        return Call(
            self.source,
            self.registry,
            Credentials(self.registry_username, self.registry_password, self.registry_service),
            Credentials(self.origin_registry_username, self.origin_registry_password, self.origin_registry_service),
            self.git_service,
            self.git_known_hosts,
        )
