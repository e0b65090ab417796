"""Read promotions and rollbacks out of a branch's commits: the trailers that `commit_message` writes."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import dagger
from dagger import dag

from pipeline.errors import GitFailed, InvalidInput, explained
from pipeline.tools import shown

from .history import TREE, moment, printed

_SUBJECT = re.compile(r"([a-z]+)\(")
_IMAGE = re.compile(r"([^=]+)=(.+?)(?::([^:/@]+))?(?:@(sha256:[0-9a-f]{64}))?")
_FIELDS = ("%H", "%ct", "%an", "%s", "%(trailers:only=true,unfold=true)")


@dataclass(frozen=True, slots=True)
class Landed:
    """One service's part: the version and the digest that it was set to."""

    service: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Record:
    """A commit's change of what an environment runs, of several it has one each; what its trailers do not say is empty.

    `verb` is promote or rollback, `time` in UTC, `author` who committed, `actor` who started it.
    """

    commit: str
    time: datetime
    verb: str
    environment: str
    origin: str
    version: str
    services: tuple[Landed, ...]
    author: str
    actor: str = ""
    reason: str = ""
    run: str = ""
    forced: bool = False
    skipped: tuple[str, ...] = ()


async def checkout(source: dagger.Directory) -> dagger.Directory:
    """Return what a repository's source has of its history; that it has a part only is said.

    Raises:
        InvalidInput: it has none: an export, or a linked worktree.
    """
    if not await source.glob(".git/HEAD"):
        msg = "there is no history in the source: give --git-token or --git-ssh, and the branch's is read"
        raise InvalidInput(msg)
    if await source.glob(".git/shallow"):
        sys.stderr.write("this is a shallow clone, with some commits only: give --git-token to read them all\n")
    return dag.directory().with_directory(".git", source.directory(".git"))


@shown(lambda *_: "read the log of promotions")
async def promotions(tools: dagger.Container, clone: dagger.Directory, environment: str = "") -> list[Record]:
    """Return the branch's promotions and rollbacks, the newest first.

    Args:
        tools: the container with git.
        clone: the branch with its history.
        environment: only those to this one; empty for all.

    Raises:
        GitFailed: git cannot read the history.
    """
    # The files may belong to another user in here.
    line = ["git", "-c", "safe.directory=*", "log", "-z", "--extended-regexp"]
    line += [f"--grep=^Promoted-To: {re.escape(environment)}{'$' if environment else ''}"]
    container = tools.with_mounted_directory(TREE, clone).with_workdir(TREE)
    try:
        return records(await printed(container, [*line, f"--format={'%x00'.join(_FIELDS)}"]), environment)
    except dagger.ExecError as error:
        msg = f"git cannot read the history: {explained(error)}"
        raise GitFailed(msg) from None


def records(log: bytes, environment: str = "") -> list[Record]:
    """Take apart what `git log -z` prints of the fields; a commit without the trailer is left out."""
    texts = log.decode("utf-8", "replace").split("\0")
    found = []
    for start in range(0, len(texts) - len(_FIELDS) + 1, len(_FIELDS)):
        commit, time, author, subject, trailers = texts[start : start + len(_FIELDS)]
        pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in trailers.splitlines())]
        verb = _SUBJECT.match(subject)
        for group in _groups(pairs):
            values = dict(reversed(pairs)) | dict(reversed(group))  # of two, the first counts
            to = values.get("Promoted-To", "")
            if not to or (environment and to != environment):
                continue
            origin = dict(group).get("Promoted-From", "")
            found.append(
                Record(
                    commit=commit,
                    time=moment(int(time)),
                    verb=verb[1] if verb else ("promote" if origin else "rollback"),
                    environment=to,
                    origin=origin,
                    version=values.get("Promoted-Version", ""),
                    services=_services([value for name, value in group if name == "Image"]),
                    author=author,
                    actor=values.get("Actor", ""),
                    reason=values.get("Forced", "") or values.get("Reason", ""),
                    run=values.get("Run", ""),
                    forced="Forced" in values,
                    skipped=tuple(filter(None, dict(group).get("Skipped", "").split(", "))),
                )
            )
    return found


def _groups(pairs: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Split trailers where those of another environment begin."""
    groups: list[list[tuple[str, str]]] = [[]]
    for name, value in pairs:
        if name == "Promoted-Version" and any(known == "Promoted-To" for known, _ in groups[-1]):
            groups.append([])
        groups[-1].append((name, value))
    return groups


def _services(images: Sequence[str]) -> tuple[Landed, ...]:
    matches = (_IMAGE.fullmatch(image) for image in images)
    return tuple(Landed(match[1], match[3] or "", match[4] or "") for match in matches if match)
