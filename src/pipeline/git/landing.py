"""Tell when commits came to a branch: by themselves, or by the merge that brought them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import dagger

from pipeline.errors import GitFailed, explained
from pipeline.tools import shown

from .history import TREE, moment, printed


@dataclass(frozen=True, slots=True)
class Landing:
    """When a commit came, in UTC, and its place in the branch's order, which holds whatever the clocks say."""

    time: datetime
    place: int


@dataclass(frozen=True, slots=True)
class Landings:
    """A branch's last commit, and how those that were asked for came to it, by their ids."""

    head: str
    of: dict[str, Landing]


@shown(lambda *_: "read how commits came to the branch")
async def landings(tools: dagger.Container, clone: dagger.Directory, commits: Collection[str]) -> Landings:
    """Return how commits came to the branch; one that is not on it, or not in a shallow clone, is left out.

    Raises:
        GitFailed: git cannot read the history.
    """
    log = ["git", "-c", "safe.directory=*", "log", "--format=%H %ct %P"]
    try:
        printed_log = await printed(tools.with_mounted_directory(TREE, clone).with_workdir(TREE), log)
    except dagger.ExecError as error:
        msg = f"git cannot read the history: {explained(error)}"
        raise GitFailed(msg) from None
    return landed(printed_log.decode(), commits)


def landed(log: str, commits: Collection[str]) -> Landings:
    """Take apart what `git log` prints of all commits: id, time and parents of each, the branch's last commit first."""
    times: dict[str, int] = {}
    parents: dict[str, list[str]] = {}
    for line in log.splitlines():
        commit, time, *before = line.split()
        times[commit], parents[commit] = int(time), before
    chain = [next(iter(times), "")]
    while (before := parents.get(chain[-1], [])[:1]) and before[0] in times:
        chain += before
    found: dict[str, Landing] = {}
    wanted, seen = set(commits), set(chain)
    for place, change in enumerate(reversed(chain)):
        brought = [change, *(one for one in parents.get(change, [])[1:] if one not in seen)]
        seen.update(brought)
        while brought:
            commit = brought.pop()
            if commit in wanted:
                found[commit] = Landing(moment(times[change]), place)
            if commit != change:
                more = [one for one in parents.get(commit, []) if one not in seen]
                seen.update(more)
                brought += more
    return Landings(chain[0], found)
