"""Change what an environment runs."""

from typing import Annotated

from dagger import Doc

from pipeline import deployment, promotion
from pipeline.call import GitCredentials, Proposing
from pipeline.git import sign
from pipeline.promotion import Plan
from pipeline.registry import check_tag, require_password
from pipeline.surface import Format, arguments, uncached

from .given import Given


class Promoting(Given):
    """Promote and plan, and roll back."""

    @uncached
    async def promote(
        self,
        *,
        target_env: arguments.Environments,
        version: arguments.Version = "",
        from_: arguments.From = "",
        services: arguments.Services = None,
        dry_run: arguments.DryRun = False,
        force: arguments.Force = False,
        reason: arguments.Reason = "",
        approved: arguments.Approved = "",
        pull_request: arguments.PullRequest = False,
        auto_merge: arguments.AutoMerge = False,
        wait: arguments.Wait = "",
        undo: arguments.Undo = False,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        signing_key: arguments.SigningKey = None,
        author: arguments.Author = arguments.DEFAULT_AUTHOR,
        actor: arguments.Actor = "",
        run_url: arguments.RunUrl = "",
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Copy a version's images to environments by digest, and commit that they run them."""
        promotion.check_force(force, reason)
        limit = deployment.wanted_limit(wait, undo=undo)
        signature, approved = sign(author, actor, run_url, reason, signing_key), promotion.check_digest(approved)
        description = await self._call.describe()
        intents = promotion.intend(description, version, target_env, services or [], origin=from_, force=force)
        git, targets = GitCredentials(git_token, git_ssh), [intent.target for intent in intents]
        workspace = await self._call.workspace(
            description,
            targets,
            git,
            signature,
            writing=not dry_run,
            format_=format_,
            proposing=Proposing(pull_request, auto_merge, wait),
        )
        for target in targets if not dry_run and self.registry_service is None else []:
            require_password(description.registry_of(target.name), self.registry_password)
        await promotion.check_gates(workspace, intents)
        if dry_run or limit is None:
            done = await promotion.promote(workspace, intents, dry_run=dry_run, approved=approved)
            return promotion.summary(done, format_)
        wanted = [(intent.target, intent.services) for intent in intents]
        argocd = await self._call.argocd(description, deployment.applications(description, wanted))
        done = await promotion.promote(workspace, intents, dry_run=False, approved=approved)
        goals = [await deployment.goal(workspace, *place, done.commit) for place in wanted]
        ended = [await deployment.wait_or_undo(argocd, goal, limit, undo=undo) for goal in goals]
        return deployment.promoted(done, ended, format_)

    @uncached
    async def plan(
        self,
        *,
        target_env: arguments.Environments,
        version: arguments.Version = "",
        from_: arguments.From = "",
        services: arguments.Services = None,
        force: arguments.Force = False,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
    ) -> Plan:
        """Return what a promotion would do, to go on with: its services, and its changes as a Changeset."""
        description = await self._call.describe()
        intents = promotion.intend(description, version, target_env, services or [], origin=from_, force=force)
        git, signature = GitCredentials(git_token, git_ssh), sign(arguments.DEFAULT_AUTHOR)
        targets = [intent.target for intent in intents]
        workspace = await self._call.workspace(
            description, targets, git, signature, writing=False, format_=Format.MARKDOWN
        )
        return await promotion.plan(workspace, intents)

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
        approved: arguments.Approved = "",
        pull_request: arguments.PullRequest = False,
        auto_merge: arguments.AutoMerge = False,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        signing_key: arguments.SigningKey = None,
        author: arguments.Author = arguments.DEFAULT_AUTHOR,
        actor: arguments.Actor = "",
        run_url: arguments.RunUrl = "",
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Commit that an environment runs again what it ran before; nothing is built or copied."""
        signature, approved = sign(author, actor, run_url, reason, signing_key), promotion.check_digest(approved)
        description = await self._call.describe()
        environment = promotion.target_environment(description, target_env, promotion.FIRST)
        intent = promotion.Rollback(environment, description.select(services or []), check_tag(to) if to else "")
        git = GitCredentials(git_token, git_ssh)
        workspace = await self._call.workspace(
            description,
            [environment],
            git,
            signature,
            writing=not dry_run,
            format_=format_,
            proposing=Proposing(pull_request, auto_merge),
        )
        done = await promotion.rollback(workspace, intent, dry_run=dry_run, approved=approved)
        return promotion.summary(done, format_)
