"""GitRepository and GitRef: read-only Git, by the host's git and the host's configuration."""

import asyncio
import base64
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from dagger_local import process
from dagger_local.api.git_names import latest, matching
from dagger_local.api.git_tools import as_variables
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.changeset import Changeset
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.secret import Secret
from dagger_local.api.objects.service import Service
from dagger_local.errors import EngineError
from dagger_local.progress import step
from dagger_local.store.snapshots import Draft, key_of

_SECONDS = 120.0
_COMMIT = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
_PORTS = {"git": 9418, "http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class GitRepository(Object):
    """A remote by URL, or the repository whose `.git` a directory holds."""

    address: str = ""
    directory: Directory | None = None
    token: Secret | None = field(default=None, repr=False)
    username: str = ""
    header: Secret | None = field(default=None, repr=False)
    agent: Path | None = None
    service: Service | None = None
    keeps_git_dir: bool = True

    def url(self) -> str | None:
        return self.address or None

    def head(self) -> "GitRef":
        return GitRef(self.engine, self, "HEAD")

    def ref(self, name: str) -> "GitRef":
        return GitRef(self.engine, self, name)

    def branch(self, name: str) -> "GitRef":
        return GitRef(self.engine, self, f"refs/heads/{name.removeprefix('refs/heads/')}")

    def tag(self, name: str) -> "GitRef":
        return GitRef(self.engine, self, f"refs/tags/{name.removeprefix('refs/tags/')}")

    def commit(self, id: str) -> "GitRef":
        if not _COMMIT.fullmatch(id):
            raise EngineError(f'invalid commit SHA: "{id}"')
        return GitRef(self.engine, self, id)

    async def latest_version(self) -> "GitRef":
        found = latest(await self.tags())
        if found is None:
            raise EngineError(f"{self.address or 'the repository'} has no tag of the form v1.2.3")
        return self.tag(found)

    async def branches(self, patterns: Sequence[str] | None = None) -> list[str]:
        return matching(await self.refs(), "refs/heads/", patterns)

    async def tags(self, patterns: Sequence[str] | None = None) -> list[str]:
        return matching(await self.refs(), "refs/tags/", patterns)

    async def uncommitted(self) -> Changeset:
        """Return what a directory holds that its repository's last commit does not; of a remote, nothing."""
        if self.directory is None:
            empty = Directory(self.engine)
            return Changeset(self.engine, empty, empty)
        before = await self.head().tree(discard_git_dir=True)
        return Changeset(self.engine, before, await self.directory.filter(exclude=[".git"], gitignore=True))

    async def refs(self) -> dict[str, str]:
        """Return the remote's refs and the commits they name; an annotated tag names its commit.

        `HEAD@` is the branch that HEAD stands for.
        """
        done = await self.git("ls-remote", "--symref", "--", await self.source())
        pairs = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
        heads = {f"{name}@": what[5:] for what, name in pairs if what.startswith("ref: ")}
        commits = [(commit, name) for commit, name in pairs if not commit.startswith("ref: ")]
        found = {name: commit for commit, name in commits if not name.endswith("^{}")}
        return found | heads | {name.removesuffix("^{}"): commit for commit, name in commits if name.endswith("^{}")}

    async def source(self) -> str:
        """Return what git takes for the repository."""
        if self.directory is None:
            return self.address
        place = await self.engine.contexts.show(self.directory.tree)
        return str(place)

    async def git(self, *words: str, cwd: Path | None = None) -> process.Completed:
        """Run git; credentials go by environment, and it never asks for any."""
        pairs = await self._settings()
        env = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes", **as_variables(pairs)}
        if self.agent:
            env["SSH_AUTH_SOCK"] = str(self.agent)
        try:
            async with asyncio.timeout(_SECONDS):
                done = await process.run(["git", *words], cwd=cwd, env=env, check=False)
        except TimeoutError:
            raise EngineError(f"{self.address} did not answer within {_SECONDS:.0f} s; check the network") from None
        if done.exit_code:
            raise self._error(done)
        return done

    def _error(self, done: process.Completed) -> EngineError:
        """Say what went wrong in one line, with the repository's name."""
        where = self.address or "the repository"
        if self.directory and "does not appear to be a git repository" in done.stderr:
            return EngineError("git error: not a git repository")
        if any(sign in done.stderr for sign in ("terminal prompts disabled", "Authentication failed")):
            return EngineError(f"{where} asks for credentials that it was not given; give it a token that may read it")
        lines = [line for line in done.stderr.splitlines() if line.startswith(("fatal:", "error:"))]
        said = (lines or done.stderr.splitlines() or ["it said nothing"])[0].partition(": ")[2] or done.stderr.strip()
        return EngineError(f"git cannot read {where}: {said}")

    async def _settings(self) -> list[tuple[str, str]]:
        """Return git's settings for this repository: where its service is reached, and credentials for there alone."""
        pairs = [("safe.directory", "*")]
        parts = urlsplit(self.address)
        if self.service:
            running = await self.service.running()
            there = await self.engine.services.on_machine(running, parts.port or _PORTS.get(parts.scheme, 22))
            pairs.append((f"url.{parts._replace(netloc=there, path='', query='').geturl()}/.insteadOf", _origin(parts)))
            parts = parts._replace(netloc=there)
        if self.header:
            pairs.append((f"http.{_origin(parts)}.extraHeader", f"Authorization: {self.header.plaintext().strip()}"))
        elif self.token:
            told = f"{self.username or 'x-access-token'}:{self.token.plaintext().strip()}".encode()
            basic = base64.b64encode(told).decode()
            pairs.append((f"http.{_origin(parts)}.extraHeader", f"Authorization: Basic {basic}"))
        return pairs


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}/"


def as_git(directory: Directory) -> GitRepository:
    """Answer Directory.asGit."""
    return GitRepository(directory.engine, directory=directory)


def url_of(text: str) -> str:
    """Return a repository's URL as it is asked for; raises EngineError for what is none.

    A URL that holds credentials is refused without repeating them. What has no scheme is on HTTPS; paths of this
    machine are no URLs: its folders are had by `host`, which a module's own code has not.
    """
    parts = urlsplit(text)
    if text.startswith(("-", "/", ".")) or not text:
        raise EngineError(f'failed to parse Git URL: "{text}" has no host')
    if not parts.scheme or "://" not in text:
        return text if re.match(r"[\w.-]+@[\w.-]+:", text) else f"https://{text}"
    if parts.scheme not in ("http", "https", "ssh", "git"):
        raise EngineError(f'failed to parse Git URL: invalid protocol "{parts.scheme}"')
    if parts.password is not None or (parts.scheme in ("http", "https") and parts.username):
        place = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        raise EngineError(f"the URL of {place} holds credentials; leave them out and give httpAuthToken instead")
    return text


@dataclass(frozen=True, slots=True)
class GitRef(Object):
    """One ref or commit of a repository, by any name that it has there."""

    repository: GitRepository
    wanted: str

    async def ref(self) -> str:
        """Return its full name; that of a commit is its id. Raises EngineError when the repository has no such ref."""
        return (await self._resolved())[0]

    async def commit(self) -> str:
        """Return the commit's id; raises EngineError when the repository has no such ref."""
        return (await self._resolved())[1]

    async def _resolved(self) -> tuple[str, str]:
        if _COMMIT.fullmatch(self.wanted):
            return self.wanted, self.wanted
        refs = await self.repository.refs()
        if self.wanted == "HEAD" and "HEAD" in refs:
            return refs.get("HEAD@", "HEAD"), refs["HEAD"]
        names = (self.wanted, f"refs/tags/{self.wanted}", f"refs/heads/{self.wanted}")
        found = next((name for name in names if name in refs), None)
        if found is None:
            raise EngineError(f'repository does not contain ref "{self.wanted}"')
        return found, refs[found]

    async def tree(self, discard_git_dir: bool = False, depth: int = 1, include_tags: bool = False) -> Directory:
        name, commit = await self._resolved()
        source = await self.repository.source()
        discards = discard_git_dir or not self.repository.keeps_git_dir
        # The ref counts: its name is in the checkout's .git.
        key = key_of("git 3", source, commit, name, discards, depth, include_tags)

        async def fetch(draft: Draft) -> dict[str, Any]:
            with step(f"git fetch {self.repository.address or 'repository'} {self.wanted}"):
                options = [*([f"--depth={depth}"] if depth > 0 else []), "--tags" if include_tags else "--no-tags"]
                await self._fetch(draft.fs, source, name, commit, options)
                if discards:
                    await asyncio.to_thread(shutil.rmtree, draft.fs / ".git")
            return {}

        made = await self.engine.store.make(key, fetch)
        return Directory(self.engine, (made.layer,))

    async def _fetch(self, place: Path, source: str, name: str, commit: str, options: Sequence[str]) -> None:
        git = self.repository.git
        await git("init", "--quiet", cwd=place)
        await git("remote", "add", "origin", source, cwd=place)
        what = f"{name}:{name}" if name.startswith("refs/") else commit
        await git("fetch", "--quiet", "--update-head-ok", *options, "origin", what, cwd=place)
        # On its branch, where it is one; a name that git would take for an option is none to check out.
        branch = name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else commit
        branch = commit if branch.startswith("-") else branch
        await git("-c", "advice.detachedHead=false", "checkout", "--quiet", branch, "--", cwd=place)
        if self.repository.directory is None and (place / ".gitmodules").is_file():
            await git("submodule", "--quiet", "update", "--init", "--recursive", "--depth=1", cwd=place)

    async def common_ancestor(self, other: "GitRef") -> "GitRef":
        """Return the last commit that both come from."""
        ours, theirs = await self.commit(), await other.commit()
        git, source = self.repository.git, await self.repository.source()
        place = Path(tempfile.mkdtemp(dir=self.engine.run))
        try:
            await git("init", "--quiet", "--bare", cwd=place)
            wanted = [(await self.ref()), (await other.ref())]
            await git("fetch", "--quiet", "--no-tags", "--filter=tree:0", source, *wanted, cwd=place)
            done = await git("merge-base", ours, theirs, cwd=place)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        return GitRef(self.engine, self.repository, done.stdout.strip())
