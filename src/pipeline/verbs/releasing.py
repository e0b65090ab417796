"""Make a release of what is on the branch."""

from pipeline.call import GitCredentials
from pipeline.git import sign
from pipeline.surface import Format, arguments, uncached

from .given import Given


class Releasing(Given):
    """Release."""

    @uncached
    async def release(
        self,
        *,
        dry_run: arguments.DryRun = False,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        author: arguments.Author = arguments.DEFAULT_AUTHOR,
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Tag the branch's tip with the next version, by its conventional commits, and publish the notes.

        Nothing to release is success. A tip that is released already stays as it is, and its release is reported.
        """
        signature = sign(author)
        description = await self._call.describe()
        git = GitCredentials(git_token, git_ssh)
        done = await self._call.release(description, git, signature.author, dry_run=dry_run)
        return done.report(description.branch, format_)
