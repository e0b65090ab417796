"""Compare a release with Git: does its tag say the commit that is checked out, and is all of it committed?"""

from collections.abc import Sequence

import dagger
from dagger import dag

from pipeline.concurrency import both
from pipeline.tools import shown

_GIT = ("git", "-c", "safe.directory=*")
_SHOWN = 3  # files of those that are not committed


@shown(lambda _source, _git, tag, *_: f"compare {tag} with Git")
async def disagreements(
    source: dagger.Directory, git: str, tag: str, folders: Sequence[str], left_out: Sequence[str]
) -> list[str]:
    """Return a line for everything in which a release differs from what Git has under its tag.

    Args:
        source: the repository.
        git: the reference of an image with git.
        tag: the release.
        folders: what its images are built from.
        left_out: patterns of what is not in the source though Git may have it.
    """
    if not await source.glob(".git/HEAD"):
        return [f"there is no Git history here to compare {tag} with: build in a clone"]
    container = dag.container().from_(git).with_mounted_directory("/source", source).with_workdir("/source")
    refs = [*_GIT, "for-each-ref", "--format=%(objectname) %(*objectname)", f"refs/tags/{tag}"]
    excluded = [f":(exclude,glob){pattern}{inside}" for pattern in left_out for inside in ("", "/**")]
    # Of a file in Git LFS, git has a pointer, and here it lacks what would tell that this is the same.
    excluded.append(":(exclude,attr:filter=lfs)")
    # The index is not in the source: a new one of the commit takes its place.
    status = [*_GIT, "status", "--porcelain", "--no-renames", "--", *folders, *excluded]
    indexed = container.with_env_variable("GIT_INDEX_FILE", "/tmp/index").with_exec([*_GIT, "read-tree", "HEAD"])  # noqa: S108
    head = container.with_exec([*_GIT, "rev-parse", "HEAD"])
    (commit, tagged), changed = await both(
        both(head.stdout(), container.with_exec(refs).stdout()), indexed.with_exec(status).stdout()
    )
    return [*_tag(tag, tagged.split(), commit.strip()), *_changes(changed.splitlines())]


def _tag(tag: str, tagged: Sequence[str], commit: str) -> list[str]:
    if not tagged:
        return [f"{tag} is no Git tag here: create it, or fetch it with git fetch --tags"]
    if tagged[-1] != commit:  # of an annotated tag, the second is the commit
        return [f"the Git tag {tag} is at {tagged[-1][:12]}, not at {commit[:12]}, which is checked out: check it out"]
    return []


def _changes(lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    files = ", ".join(line[3:] for line in lines[:_SHOWN]) + (", …" if len(lines) > _SHOWN else "")
    return [f"{files}: changed but not committed: commit, or leave them out"]
