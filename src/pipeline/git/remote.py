"""A branch of a Git remote: clone what is needed of it, and push one commit to it, by git in a container."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import anyio
import dagger

from pipeline.errors import GitFailed, explained
from pipeline.tools import CLONE_PART, DIFFERS, PROPOSE, PUSH_ON_TIP, Finished, once, patient, run, shown

from .credentials import SILENCE, Access, admitted, host_of, inside, require, stripped_token
from .refusals import advice, words
from .signature import Author
from .signing_key import signing_with

CLONE = "/work/clone"

PATIENCE = 120  # seconds that a server may ask for in all

_SECONDS = 300  # for all of a clone or a push
_ATTEMPTS = 30  # one writer wins each round, so that about as many can come at once
_LONGEST_WAIT = 5.0  # seconds
# What another writer who was faster makes a server say; nothing else is tried again.
_OVERTAKEN = re.compile(
    r"\(fetch first\)|\(non-fast-forward\)|cannot lock ref|failed to update ref|incorrect old value|stale info"
)


@dataclass(frozen=True, slots=True)
class Remote:
    """Where to clone from and push to; the container has git, the right to do so, and its own URL for it."""

    container: dagger.Container
    url: str
    inside: str
    branch: str

    @shown(lambda self, *_, **__: f"read {self.branch} of {self.url}")
    async def clone(self, folders: Sequence[str] = (), *, depth: int = 1, old_trees: bool = True) -> dagger.Directory:
        """Return a fresh clone of the branch with the files of some folders: of all others, git does without.

        Args:
            folders: what is checked out; nothing is for commits alone, without trees and files.
            depth: of how many commits; 0 is the whole history.
            old_trees: of earlier commits, have the trees too, by which git tells what they changed.

        Raises:
            GitFailed: the remote cannot be read.
        """
        what = "blob:none" if folders and old_trees else "tree:0"
        part = [self.inside, self.branch, CLONE, what, str(depth or ""), *patterns(folders)]
        done = await _run(once(self.container), CLONE_PART, *part)
        if not done.succeeded:
            raise await self._failed("reading", done)
        return done.container.directory(CLONE)

    @shown(lambda self, *_: f"read all files of {self.branch}")
    async def whole(self, clone: dagger.Directory) -> dagger.Directory:
        """Return a clone with all files of its commit.

        Raises:
            GitFailed: the remote cannot be read.
        """
        done = await _run(self.working_on(clone), "git", "sparse-checkout", "disable")
        if not done.succeeded:
            raise await self._failed("reading", done)
        return done.container.directory(CLONE)

    @shown(lambda self, *_: f"commit, and push to {self.branch}")
    async def push(
        self, clone: dagger.Directory, author: Author, message: str, files: Sequence[str], made_from: Sequence[str]
    ) -> str | None:
        """Commit files of a clone and push that, fast-forward only.

        While other writers are faster, the same commit is put on their tip, as long as nothing differs there under
        the pathspecs that it was made from: to make it anew would give the same.

        Returns:
            The commit's id, or None if it has to be made anew.

        Raises:
            GitFailed: the remote refuses, or others were faster every time.
        """
        committed = await self._committed(clone, author, message, files)
        command = ["git", "push", "--porcelain", "--no-thin", "origin", f"HEAD:{self._ref}"]
        for attempt in range(_ATTEMPTS):
            done = await self._pushed(committed, command, attempt)
            if done.code == DIFFERS:
                return None
            if done.succeeded:
                return (await done.container.file(f"{CLONE}/.git/{self._ref}").contents()).strip()
            command = [PUSH_ON_TIP, self._ref, *made_from]
        raise self._too_slow()

    async def propose(
        self,
        clone: dagger.Directory,
        author: Author,
        message: str,
        files: Sequence[str],
        *,
        branch: str,
        options: Sequence[str],
    ) -> tuple[str, str]:
        """Commit files of a clone, and push that to a branch that is the pipeline's own, in place of what is there.

        Args:
            clone: the branch that it is for, with the edits.
            author: who commits.
            message: the commit's.
            files: what is committed.
            branch: which is replaced.
            options: of the push.

        Returns:
            The id of the commit that is there, an earlier one if that is the same; and what the server said.

        Raises:
            GitFailed: the remote refuses, or others were faster every time.
        """
        committed = await self._committed(clone, author, message, files)
        command = [PROPOSE, f"refs/heads/{branch}", *options]
        for attempt in range(_ATTEMPTS):
            done = await self._pushed(committed, command, attempt)
            if done.succeeded:
                return (await done.stdout()).split()[-1], await done.stderr()
        raise self._too_slow()

    async def at(self, branch: str) -> str:
        """Return the id of a branch's commit; empty if there is no such branch.

        Raises:
            GitFailed: the remote cannot be read.
        """
        done = await _run(once(self.container), "git", "ls-remote", "--", self.inside, f"refs/heads/{branch}")
        if not done.succeeded:
            raise await self._failed("reading", done)
        return (await done.stdout()).partition("\t")[0]

    async def _pushed(self, committed: dagger.Container, command: Sequence[str], attempt: int) -> Finished:
        """Try a push, and wait a little after one that another writer was faster than; what else fails is raised."""
        try:
            done = await _run(once(committed), *command)
        except dagger.ExecError as error:
            msg = f"committing to a clone of {self.url} ({self.branch}) failed: {explained(error)}"
            raise GitFailed(msg) from None
        if done.succeeded or done.code == DIFFERS:
            return done
        if not _OVERTAKEN.search(await done.stdout() + await done.stderr()):
            raise await self._failed("pushing to", done)
        await anyio.sleep(random.uniform(0, min(_LONGEST_WAIT, 0.1 * 2**attempt)))  # noqa: S311  no secret
        return done

    async def _committed(
        self, clone: dagger.Directory, author: Author, message: str, files: Sequence[str]
    ) -> dagger.Container:
        # By name: git takes more for changed than the edits, where attributes say how line ends are kept.
        commit = ["git", "commit", "--quiet", "--cleanup=verbatim", "--file=-", "--only", "--", *files]
        return (await self._signing(author, clone)).with_exec(commit, stdin=message)

    def _too_slow(self) -> GitFailed:
        return GitFailed(f"pushing to {self.url} ({self.branch}): others were faster {_ATTEMPTS} times: run again")

    def working_on(self, clone: dagger.Directory) -> dagger.Container:
        """Return a container that works in a clone; what the clone lacks, git fetches there."""
        return once(self.container).with_mounted_directory(CLONE, clone).with_workdir(CLONE)

    async def _signing(self, author: Author, clone: dagger.Directory) -> dagger.Container:
        """Return the container that commits to a clone in someone's name."""
        container = self.working_on(clone)
        for who in ("AUTHOR", "COMMITTER"):
            container = container.with_env_variable(f"GIT_{who}_NAME", author.name)
            container = container.with_env_variable(f"GIT_{who}_EMAIL", author.email)
        return await signing_with(container, author.key) if author.key else container

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.branch}"

    async def _failed(self, doing: str, done: Finished) -> GitFailed:
        if done.code is None:
            return GitFailed(f"{doing} {self.url} ({self.branch}) took over {_SECONDS} s: is the Git server up?")
        return self.refused(doing, await done.stderr() + await done.stdout())

    def refused(self, doing: str, inside: str) -> GitFailed:
        """Return the error of what git said in the container, with what is to be done about it."""
        said = inside.replace(host_of(self.inside), host_of(self.url))
        todo = advice(said)
        return GitFailed(f"{doing} {self.url} ({self.branch}) failed{f' ({todo})' if todo else ''}:{words(said)}")


async def _run(container: dagger.Container, *command: str) -> Finished:
    return await run(container, patient(PATIENCE, *command), seconds=_SECONDS)


def patterns(folders: Sequence[str]) -> list[str]:
    """Return a sparse checkout's patterns of folders, with the attributes that say how their files are written."""
    above = {str(parent / ".gitattributes") for folder in folders for parent in PurePosixPath(folder).parents}
    return [f"/{name}" for name in sorted(above)] + ["/*" if folder == "." else f"/{folder}/" for folder in folders]


async def remote(tools: dagger.Container, url: str, branch: str, access: Access, *, writing: bool) -> Remote:
    """Return a branch of a remote, with the right to use it.

    Raises:
        InvalidInput: what the right needs is missing or empty.
    """
    access = await stripped_token(access)
    require(url, access, writing=writing)
    container = (
        tools.with_env_variable("GIT_TERMINAL_PROMPT", "0")
        .with_env_variable("GIT_HTTP_LOW_SPEED_LIMIT", "1")
        .with_env_variable("GIT_HTTP_LOW_SPEED_TIME", str(SILENCE))
    )
    there = inside(url, access)
    return Remote(await admitted(container, url, access), url, there, branch)
