"""What a call of the module was given, and what its verbs need of it: the description, a recipe, a workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import dagger

from pipeline import deployment
from pipeline.concurrency import both
from pipeline.description import PULL_REQUEST, Description, Environment, describe
from pipeline.errors import InvalidInput
from pipeline.forge import Forge, open_forge
from pipeline.git import (
    Access,
    Author,
    GitHub,
    Record,
    Remote,
    Signature,
    checkout,
    github,
    promotions,
    remote,
    with_release_tags,
)
from pipeline.promotion import Tip, Workspace, open_workspace, read_branch, read_directory
from pipeline.registry import Copier, Credentials, Logins, copier, logins
from pipeline.release import Outcome, release
from pipeline.services import Recipe, recipe
from pipeline.surface import Format, listed, stripped
from pipeline.tools import toolbox


@dataclass(frozen=True, slots=True)
class GitCredentials:
    """What a verb was given for the Git repository."""

    token: dagger.Secret | None
    ssh: dagger.Socket | None


@dataclass(frozen=True, slots=True)
class Proposing:
    """What a verb was given of pull requests: to open one though the environment takes pushes, to let it merge.

    `wait` is how long a promotion is to wait for Argo CD, which goes with a push alone.
    """

    pull_request: bool = False
    auto_merge: bool = False
    wait: str = ""

    def wanted(self, targets: Sequence[Environment]) -> bool:
        """Tell whether a change is proposed, not pushed: it is one commit, so that one environment decides for all.

        Raises:
            InvalidInput: it is pushed, and there is nothing to merge; or proposed, and there is nothing to wait for.
        """
        if self.pull_request or any(target.changes_by == PULL_REQUEST for target in targets):
            if self.wait:
                msg = "--wait is for what is pushed, a pull request is merged later: leave it out, and call wait then"
                raise InvalidInput(msg)
            return True
        if self.auto_merge:
            where = listed(target.name for target in targets)
            msg = f"--auto-merge is for pull requests, {where} takes pushes: add --pull-request"
            raise InvalidInput(msg)
        return False


PUSHING = Proposing()


@dataclass(frozen=True, slots=True)
class Call:
    """What the constructor was given."""

    source: dagger.Directory
    registry: str
    every_registry: Credentials
    origin_registry: Credentials
    git_service: dagger.Service | None
    git_known_hosts: dagger.File | None
    github_api: str
    github_service: dagger.Service | None
    git_username: str
    argocd_access: deployment.Access

    async def describe(self) -> Description:
        """Read pipeline.yaml."""
        return await describe(self.source, self.registry)

    async def recipe(
        self,
        tag: str,
        services: Sequence[str] | None,
        platforms: Sequence[str] | None,
        secrets: Sequence[dagger.Secret] | None,
    ) -> Recipe:
        """Return how the images of a release are made."""
        return await recipe(
            await self.describe(),
            self.source,
            tag,
            services=services or [],
            platforms=platforms or [],
            credentials=(await self._logins()).every,
            secrets=secrets or [],
        )

    async def workspace(
        self,
        description: Description,
        targets: Sequence[Environment],
        git: GitCredentials,
        signature: Signature,
        *,
        writing: bool,
        format_: Format = Format.TEXT,
        proposing: Proposing = PUSHING,
    ) -> Workspace:
        """Set up what a change of environments works with."""
        proposed = proposing.wanted(targets) and writing
        workspace = open_workspace(
            description,
            targets,
            await self._logins(),
            self._access(git),
            signature,
            source=self.source,
            writing=writing,
            render_before=proposed or format_ is Format.MARKDOWN,
            explaining=proposed or not writing or format_ is Format.MARKDOWN,
        )
        if not proposed:
            return await workspace
        opened, forge = await both(workspace, self._forge(description, git, auto_merge=proposing.auto_merge))
        return replace(opened, forge=forge)

    def github(self, description: Description) -> GitHub | None:
        """Return the GitHub that the repository is on, if it is on one."""
        return github(description.repository, self.github_api, self.github_service)

    async def tip(self, description: Description, git: GitCredentials) -> Tip:
        """Return the branch as it is, or without a credential for it the source."""
        if not git.token and not git.ssh:
            return await read_directory(self.source, description)
        return await read_branch(await self._branch(description, git), description)

    async def promotions(self, description: Description, git: GitCredentials, environment: str) -> list[Record]:
        """Return the branch's promotions, or without a credential for it those that the source has; empty is all."""
        if environment:
            description.environment(environment)
        if not git.token and not git.ssh:
            commits = await checkout(self.source)
        else:
            commits = await (await self._branch(description, git)).clone(depth=0)
        return await promotions(await toolbox(description.tools).sync(), commits, environment)

    async def history(self, description: Description, git: GitCredentials) -> tuple[Tip, dagger.Directory]:
        """Return the branch as it is, and its commits and tags, or without a credential for it those of the source."""
        if not git.token and not git.ssh:
            return await both(read_directory(self.source, description), checkout(self.source))
        branch = await self._branch(description, git)
        clone = await branch.clone(description.manifest_folders, depth=0, old_trees=False)
        return await both(read_directory(clone, description), with_release_tags(branch, clone))

    async def release(self, description: Description, git: GitCredentials, author: Author, *, dry_run: bool) -> Outcome:
        """Release the branch's tip."""
        return await release(description, self._access(git), self.github(description), author, dry_run=dry_run)

    async def copier(self, description: Description) -> Copier | None:
        """Return what asks the registries, if there is a password or a service for them."""
        if not self.every_registry.password and not self.every_registry.service:
            return None
        return await self.registries(description)

    async def registries(self, description: Description) -> Copier:
        """Return what asks the registries, with the passwords that there are."""
        tools = await toolbox(description.tools).sync()
        origins = description.origins(description.environments)
        return await copier(tools, (await self._logins()).by_host(description.registries, origins))

    async def _forge(self, description: Description, git: GitCredentials, *, auto_merge: bool) -> Forge:
        return await open_forge(
            description.tools.curl,
            description.repository,
            description.branch,
            await stripped(git.token, "git-token"),
            self.github(description),
            auto_merge=auto_merge,
        )

    async def argocd(self, description: Description, names: Mapping[str, str]) -> deployment.Server:
        """Return Argo CD, once it is known that it can be asked and has the applications."""
        server = await deployment.server(description.tools, self.argocd_access)
        await deployment.require_applications(server, names)
        return server

    async def _branch(self, description: Description, git: GitCredentials) -> Remote:
        tools = await toolbox(description.tools).sync()
        return await remote(tools, description.repository, description.branch, self._access(git), writing=False)

    def _access(self, git: GitCredentials) -> Access:
        return Access(git.token, git.ssh, self.git_known_hosts, self.git_service, self.git_username)

    async def _logins(self) -> Logins:
        return await logins(self.every_registry, self.origin_registry)
