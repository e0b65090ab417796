"""Say what runs where, and how it came there."""

from typing import Annotated

import dagger
from dagger import Doc

from pipeline import promotion
from pipeline.call import GitCredentials
from pipeline.surface import Format, arguments, uncached, up

from .given import Given

Days = Annotated[int, Doc("how many days the figures are of")]


class Reporting(Given):
    """Status, history, and the board."""

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
    async def board(
        self, *, days: Days = 90, git_token: arguments.GitToken = None, git_ssh: arguments.GitSsh = None
    ) -> dagger.Directory:
        """Write the board: a page of what runs where, what was promoted last, and the figures of delivery.

        It is read from the checkout's commits, or with a Git credential from the branch's. With a registry password or
        service, the registry is asked whether it agrees.
        """
        from pipeline.board import period, write  # noqa: PLC0415  no other verb wants it

        length = period(days)
        description = await self._call.describe()
        tip, commits = await self._call.history(description, GitCredentials(git_token, git_ssh))
        cells = await promotion.status(description, tip, await self._call.copier(description))
        return await write(description, cells, commits, length)

    @uncached
    @up
    async def serve_board(
        self, *, days: Days = 90, git_token: arguments.GitToken = None, git_ssh: arguments.GitSsh = None
    ) -> dagger.Service:
        """Serve the board, as it is now, on port 8080."""
        from pipeline.board import served  # noqa: PLC0415  as above

        description = await self._call.describe()
        files = await self.board(days=days, git_token=git_token, git_ssh=git_ssh)
        return served(description.tools.python, files)
