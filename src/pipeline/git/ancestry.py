"""Ask a clone about its commits: which contains which, which one changed files last, what files held in one."""

from collections.abc import Sequence

import dagger

from pipeline.tools import run

from .history import blobs, printed
from .remote import Remote

_SECONDS = 60


async def is_ancestor(remote: Remote, clone: dagger.Directory, commit: str, of: str) -> bool | None:
    """Tell whether a commit is in another one's history, or is that one; None if the clone lacks one of them."""
    command = ["git", "merge-base", "--is-ancestor", commit, of]
    code = (await run(remote.working_on(clone), command, seconds=_SECONDS)).code
    return {0: True, 1: False}.get(-1 if code is None else code)


async def last_change(remote: Remote, clone: dagger.Directory, paths: Sequence[str]) -> str:
    """Return the last commit of the branch that changed any of some files; empty if there is none."""
    log = ["git", "log", "--first-parent", "--max-count=1", "--format=%H", "--", *paths]
    return (await remote.working_on(clone).with_exec(log).stdout()).strip()


async def contents_at(remote: Remote, clone: dagger.Directory, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """Return the contents of files in a commit, by path; one that is not there is left out."""
    wanted = "".join(f"{commit}:{path}\n" for path in paths)
    found = blobs(await printed(remote.working_on(clone), ["git", "cat-file", "--batch"], wanted))
    return {
        path: content.decode("utf-8", "replace")
        for path, content in zip(paths, found, strict=True)
        if content is not None
    }
