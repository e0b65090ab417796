"""Read a clone's release tags: when the commit of each was made."""

from datetime import datetime

import dagger

from pipeline.errors import GitFailed, explained
from pipeline.registry import is_release
from pipeline.tools import patient, run, shown

from .history import TREE, moment, printed
from .remote import CLONE, PATIENCE, Remote

_SECONDS = 300
_TAGS = "refs/tags/v*"
_FORMAT = "--format=%(refname:lstrip=2)%00%(committerdate:unix)%00%(*committerdate:unix)"


@shown(lambda remote, _: f"fetch the release tags of {remote.url}")
async def with_release_tags(remote: Remote, clone: dagger.Directory) -> dagger.Directory:
    """Return a clone with the remote's release tags, those of other branches too.

    Raises:
        GitFailed: the remote cannot be read.
    """
    fetch = patient(PATIENCE, "git", "fetch", "--quiet", "--no-write-fetch-head", "origin", f"{_TAGS}:{_TAGS}")
    done = await run(remote.working_on(clone), fetch, seconds=_SECONDS)
    if not done.succeeded:
        raise remote.refused("reading the tags of", await done.stderr() or f"it took over {_SECONDS} s")
    return done.container.directory(CLONE)


async def release_tags(tools: dagger.Container, clone: dagger.Directory) -> dict[str, datetime]:
    """Return when the commit of each release tag was made, in UTC, by tag.

    Raises:
        GitFailed: git cannot read the tags.
    """
    container = tools.with_mounted_directory(TREE, clone).with_workdir(TREE)
    try:
        return times(await printed(container, ["git", "-c", "safe.directory=*", "for-each-ref", _FORMAT, _TAGS]))
    except dagger.ExecError as error:
        msg = f"git cannot read the tags: {explained(error)}"
        raise GitFailed(msg) from None


def times(refs: bytes) -> dict[str, datetime]:
    """Take apart what `git for-each-ref` prints; of an annotated tag the second time is the commit's."""
    found = {}
    for line in refs.decode("utf-8", "replace").splitlines():
        tag, own, tagged = line.split("\0")
        if is_release(tag) and (time := tagged or own):
            found[tag] = moment(int(time))
    return found
