"""A branch of a Git remote: clone it, and push one commit to it, by git in a container."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import dagger

from pipeline.errors import GitFailed, explained, last_lines
from pipeline.tools import DIFFERS, PUSH_ON_TIP, Finished, once, run

from .credentials import SILENCE, Access, admitted, host_of, inside, require, stripped_token
from .signature import Author

CLONE = "/work/clone"

_SECONDS = 300  # for all of a clone or a push
_ATTEMPTS = 30  # one writer wins each round, so that about as many can come at once
_LONGEST_WAIT = 5.0  # seconds
# What another writer who was faster makes a server say; nothing else is tried again.
_OVERTAKEN = re.compile(
    r"\(fetch first\)|\(non-fast-forward\)|cannot lock ref|failed to update ref|incorrect old value|stale info"
)
_ADVICE = {
    "Host key verification failed": "the server's key is not in --git-known-hosts: add what its owner publishes",
    r"returned error: 403|Permission (?:to .* )?denied|access denied|not allowed to push|write access": (
        "the token may not push: give one that has the right to write contents"
    ),
    r"protected branch|hook declined|GH006|GH013": "the branch is protected: let the token's owner bypass the rule",
    r"Authentication failed|could not read Username|returned error: 401|Permission denied \(publickey": (
        "check --git-token, or --git-ssh"
    ),
    r"Remote branch .* not found|couldn't find remote ref": "create the branch, or correct pipeline.yaml",
    r"returned error: 30[1278]|unable to update url base from redirection": (
        "the repository has moved, and a token follows no redirect: write its new address in pipeline.yaml"
    ),
    r"returned error: 404|Repository not found|does not appear to be a git repository": (
        "check the repository in pipeline.yaml, and that the token can read it"
    ),
    r"Could not resolve host|Failed to connect|too slow|Connection refused|timed out|Connection reset": (
        "is the Git server up, and its address right?"
    ),
}


@dataclass(frozen=True, slots=True)
class Remote:
    """Where to clone from and push to; the container has git, the right to do so, and its own URL for it."""

    container: dagger.Container
    url: str
    inside: str
    branch: str

    async def clone(self, *, depth: int = 1) -> dagger.Directory:
        """Return a fresh clone of the branch; depth 0 is the whole history.

        Raises:
            GitFailed: the remote cannot be read.
        """
        limit = ["--depth", str(depth)] if depth else []
        command = ["git", "clone", "--quiet", "--no-tags", *limit, "--single-branch", "--branch", self.branch]
        done = await run(once(self.container), [*command, "--", self.inside, CLONE], seconds=_SECONDS)
        if not done.succeeded:
            raise await self._failed("reading", done)
        return done.container.directory(CLONE)

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
        # By name: git takes more for changed than the edits, where attributes say how line ends are kept.
        commit = ["git", "commit", "--quiet", "--cleanup=verbatim", "--file=-", "--only", "--", *files]
        committed = self._signing(author, clone).with_exec(commit, stdin=message)
        command = ["git", "push", "--porcelain", self.inside, f"HEAD:{self._ref}"]
        for attempt in range(_ATTEMPTS):
            try:
                done = await run(once(committed), command, seconds=_SECONDS)
            except dagger.ExecError as error:
                msg = f"committing to a clone of {self.url} ({self.branch}) failed: {explained(error)}"
                raise GitFailed(msg) from None
            if done.succeeded:
                return (await done.container.file(f"{CLONE}/.git/{self._ref}").contents()).strip()
            if done.code == DIFFERS:
                return None
            if not _OVERTAKEN.search(await done.stdout() + await done.stderr()):
                raise await self._failed("pushing to", done)
            await anyio.sleep(random.uniform(0, min(_LONGEST_WAIT, 0.1 * 2**attempt)))  # noqa: S311  no secret
            command = [PUSH_ON_TIP, self.inside, self._ref, *made_from]
        msg = f"pushing to {self.url} ({self.branch}): others were faster {_ATTEMPTS} times: run again"
        raise GitFailed(msg)

    def _signing(self, author: Author, clone: dagger.Directory) -> dagger.Container:
        """Return the container that commits to a clone in someone's name."""
        container = once(self.container).with_mounted_directory(CLONE, clone).with_workdir(CLONE)
        for who in ("AUTHOR", "COMMITTER"):
            container = container.with_env_variable(f"GIT_{who}_NAME", author.name)
            container = container.with_env_variable(f"GIT_{who}_EMAIL", author.email)
        return container

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
        todo = next((text for pattern, text in _ADVICE.items() if re.search(pattern, said, re.IGNORECASE)), "")
        what = f"{doing} {self.url} ({self.branch})"
        return GitFailed(f"{what} failed{f' ({todo})' if todo else ''}:{last_lines(said, 4)}")


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
