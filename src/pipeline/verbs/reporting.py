"""Say what runs where, and how it came there."""

from typing import Annotated

from dagger import Doc

from pipeline import promotion
from pipeline.call import GitCredentials
from pipeline.surface import Format, arguments, uncached

from .given import Given


class Reporting(Given):
    """Status and history."""

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
