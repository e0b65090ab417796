"""See that what was committed runs."""

from typing import Annotated

from dagger import Doc

from pipeline import deployment, promotion
from pipeline.call import GitCredentials
from pipeline.git import sign
from pipeline.surface import Format, arguments, uncached

from .given import Given


class Deploying(Given):
    """Wait for Argo CD."""

    @uncached
    async def wait(
        self,
        *,
        target_env: Annotated[str, Doc("environment to wait for, such as stg")],
        within: Annotated[str, Doc("how long at most, such as 90s, 10m or 1h")] = "10m",
        services: arguments.Services = None,
        undo: arguments.Undo = False,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        signing_key: arguments.SigningKey = None,
        author: arguments.Author = arguments.DEFAULT_AUTHOR,
        actor: arguments.Actor = "",
        run_url: arguments.RunUrl = "",
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Wait until Argo CD runs the last change of an environment, in good health."""
        limit = deployment.check_limit(within, "within")
        signature = sign(author, actor, run_url, key=signing_key)
        description = await self._call.describe()
        environment = (
            promotion.target_environment(description, target_env, promotion.FIRST)
            if undo
            else description.environment(target_env)
        )
        wanted = description.select(services or [])
        argocd = await self._call.argocd(description, deployment.applications(description, [(environment, wanted)]))
        git = GitCredentials(git_token, git_ssh)
        workspace = await self._call.workspace(description, [environment], git, signature, writing=undo)
        goal = await deployment.goal(workspace, environment, wanted)
        return deployment.deployed(await deployment.wait_or_undo(argocd, goal, limit, undo=undo), format_)
