"""The commit that an image is built from, as its labels say it."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime

import dagger
from dagger import dag

from pipeline.errors import GitFailed, last_lines
from pipeline.tools import shown


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit's id and its time in RFC 3339."""

    commit: str
    created: str


@shown(lambda *_: "read which commit is checked out")
async def revision(source: dagger.Directory, git: str) -> Revision | None:
    """Return the commit that is checked out, or None where there is no history (an export, a linked worktree).

    The commit's time, not the clock's, goes into the image: the same commit gives the same digest. Changes on top
    of it are not looked at: they are in the image, under the commit that they were made on.

    Raises:
        GitFailed: there is a history, but git cannot read it.
    """
    if not await source.glob(".git/HEAD"):
        if await source.glob(".git"):
            sys.stderr.write("this is a linked worktree or a submodule, its history is elsewhere: no revision label\n")
        return None
    described = (
        dag.container()
        .from_(git)
        .with_mounted_directory("/source/.git", source.directory(".git"))
        .with_workdir("/source")
        .with_exec(
            # The files belong to another user in here, and their configuration is left out on purpose.
            ["git", "-c", "safe.directory=*", "show", "--no-patch", "--no-show-signature", "--format=%H %ct", "HEAD"],
            expect=dagger.ReturnType.ANY,
        )
    )
    if await described.exit_code() != 0:
        msg = f"git cannot read the commit to label the images with: commit first{last_lines(await described.stderr())}"
        raise GitFailed(msg)
    commit, seconds = (await described.stdout()).split()
    return Revision(commit, datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
