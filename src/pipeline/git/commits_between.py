"""Find the commits between two revisions that touched some paths, with links to them where the forge is known."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import dagger

from pipeline.concurrency import side_by_side
from pipeline.errors import explained
from pipeline.tools import for_each, run

from .history import printed
from .remote import Remote

LISTED = 50  # commits of a service: more are nobody's reading
_SECONDS = 120
_FIELDS = ("%m", "%H", "%an", "%s")
_FORGE = re.compile(
    r"(?:https://(?:[^/@]*@)?|ssh://(?:[^/@]*@)?|[^/@:]+@)(github\.com|gitlab\.com)(?::[0-9]+/|[:/])(.+?)(?:\.git)?/?"
)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; `url` is its page, empty where the forge is not known. `undone` says that it is taken back."""

    id: str
    author: str
    subject: str
    url: str = ""
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Commits:
    """The commits of a service, the newest first; `more` than are listed, or a `problem` why they are not known."""

    listed: Sequence[Commit] = ()
    more: bool = False
    problem: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """From which revision to which one, and the pathspecs of what counts."""

    old: str
    new: str
    paths: Sequence[str]


async def commits_between(remote: Remote, clone: dagger.Directory, spans: Sequence[Span]) -> list[Commits]:
    """Return the commits of each span.

    A revision that the branch does not have, as that of a hot fix, is fetched. What cannot be found out is a problem
    of its own span alone.

    Args:
        remote: where the clone is from.
        clone: the branch with its commits.
        spans: what is asked for; revisions are whole ids.
    """
    here = remote.working_on(clone)
    revisions = list(dict.fromkeys(revision for span in spans for revision in (span.old, span.new)))
    here, missing = await _with_all(here, revisions)

    async def one(span: Span) -> Commits:
        if gone := [revision for revision in (span.old, span.new) if revision in missing]:
            return Commits(problem=f"{remote.url} has no commit {' and no '.join(gone)}")
        line = ["git", "log", "-z", "--left-right", f"--max-count={LISTED + 1}", f"--format={'%x00'.join(_FIELDS)}"]
        try:
            log = await printed(_local(here), [*line, f"{span.old}...{span.new}", "--", *span.paths])
        except dagger.ExecError as error:
            return Commits(problem=f"git cannot read the history: {explained(error)}")
        found = commits(log, remote.url)
        return Commits(found[:LISTED], len(found) > LISTED, url=comparison(remote.url, span.old, span.new))

    return await side_by_side(one, spans)


async def _with_all(here: dagger.Container, revisions: Sequence[str]) -> tuple[dagger.Container, set[str]]:
    """Fetch what the clone lacks of some commits, and return those that are nowhere."""
    missing = await _missing(here, revisions)
    if missing:
        fetch = ["git", "fetch", "--quiet", "--no-tags", "--filter=blob:none", "origin"]
        fetched = await run(here, for_each(fetch, takes=1, at_once=1), seconds=_SECONDS, stdin="\n".join(missing))
        if fetched.code is not None and fetched.error is None:
            here = fetched.container
            missing = await _missing(here, revisions)
    return here, missing


async def _missing(here: dagger.Container, revisions: Sequence[str]) -> set[str]:
    said = await printed(_local(here), ["git", "cat-file", "--batch-check"], "".join(f"{one}\n" for one in revisions))
    there = {line.split()[0] for line in said.decode().splitlines() if line.split()[1:2] == ["commit"]}
    return set(revisions) - there


def _local(here: dagger.Container) -> dagger.Container:
    """Let git do with what there is: it needs commits and trees alone, of which a clone without blobs lacks none."""
    return here.with_env_variable("GIT_NO_LAZY_FETCH", "1")


def commits(log: bytes, repository: str) -> list[Commit]:
    """Take apart what `git log -z --left-right` prints of the fields."""
    texts = log.decode("utf-8", "replace").split("\0")
    found = []
    for start in range(0, len(texts) - len(_FIELDS) + 1, len(_FIELDS)):
        side, commit, author, subject = (_line(text) for text in texts[start : start + len(_FIELDS)])
        found.append(Commit(commit, author, subject, commit_page(repository, commit), undone=side == "<"))
    return found


def comparison(repository: str, old: str, new: str) -> str:
    """Return the page that compares two revisions; empty where the forge is not known."""
    return _page(repository, "compare", f"{old}...{new}")


def commit_page(repository: str, commit: str) -> str:
    """Return the page of a commit; empty where the forge is not known."""
    return _page(repository, "commit", commit)


def _page(repository: str, what: str, which: str) -> str:
    match = _FORGE.fullmatch(repository)
    if not match:
        return ""
    return f"https://{match[1]}/{match[2]}{'/-' if match[1] == 'gitlab.com' else ''}/{what}/{which}"


def _line(text: str) -> str:
    """Return a text as one line without control characters: people write commits, and anyone may."""
    return "".join(char if char.isprintable() else " " for char in text)
