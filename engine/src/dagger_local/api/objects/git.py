"""GitRepository and GitRef: read-only Git, by the host's git and the host's configuration."""

import asyncio
import base64
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dagger_local import process
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.secret import Secret
from dagger_local.errors import EngineError
from dagger_local.progress import step
from dagger_local.store.snapshots import Draft, key_of

_SECONDS = 120.0
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)$")


@dataclass(frozen=True, slots=True)
class GitRepository(Object):
    """A remote by URL, or the repository whose `.git` a directory holds."""

    address: str = ""
    directory: Directory | None = None
    token: Secret | None = field(default=None, repr=False)
    username: str = ""
    header: Secret | None = field(default=None, repr=False)
    agent: Path | None = None

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
        if not re.fullmatch(r"[0-9a-fA-F]{7,64}", id):
            raise EngineError(f"{id!r} is no commit id; give its hexadecimal digits")
        return GitRef(self.engine, self, id)

    async def latest_version(self) -> "GitRef":
        versions = [
            (tuple(map(int, found.groups())), tag) for tag in await self.tags() if (found := _VERSION.fullmatch(tag))
        ]
        if not versions:
            raise EngineError(f"{self.address or 'the repository'} has no tag of the form v1.2.3")
        return self.tag(max(versions)[1])

    async def branches(self, patterns: Sequence[str] | None = None) -> list[str]:
        return _matching(await self.refs(), "refs/heads/", patterns)

    async def tags(self, patterns: Sequence[str] | None = None) -> list[str]:
        return _matching(await self.refs(), "refs/tags/", patterns)

    async def refs(self) -> dict[str, str]:
        """Return the remote's refs and the commits they name; an annotated tag names its commit."""
        done = await self.git("ls-remote", "--", await self.source())
        pairs = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
        found = {name: commit for commit, name in pairs if not name.endswith("^{}")}
        return found | {name.removesuffix("^{}"): commit for commit, name in pairs if name.endswith("^{}")}

    async def source(self) -> str:
        """Return what git takes for the repository."""
        if self.directory is None:
            return self.address
        place = await self.engine.contexts.show(self.directory.tree)
        return str(place)

    async def git(self, *words: str, cwd: Path | None = None) -> process.Completed:
        """Run git; credentials go by environment, and it never asks for any."""
        env = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes", **self._credentials()}
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
        if any(sign in done.stderr for sign in ("terminal prompts disabled", "Authentication failed")):
            return EngineError(f"{where} asks for credentials that it was not given; give it a token that may read it")
        lines = [line for line in done.stderr.splitlines() if line.startswith(("fatal:", "error:"))]
        said = (lines or done.stderr.splitlines() or ["it said nothing"])[0].partition(": ")[2] or done.stderr.strip()
        return EngineError(f"git cannot read {where}: {said}")

    def _credentials(self) -> Mapping[str, str]:
        pairs = [("safe.directory", "*")]
        if self.header:
            pairs.append((self._header_of_origin(), f"Authorization: {self.header.plaintext().strip()}"))
        elif self.token:
            told = f"{self.username or 'x-access-token'}:{self.token.plaintext().strip()}".encode()
            pairs.append((self._header_of_origin(), f"Authorization: Basic {base64.b64encode(told).decode()}"))
        env = {"GIT_CONFIG_COUNT": str(len(pairs))}
        for number, (name, value) in enumerate(pairs):
            env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        return env

    def _header_of_origin(self) -> str:
        """Name the setting that sends a header to the repository's server only, wherever that one leads."""
        parts = urlsplit(self.address)
        return f"http.{parts.scheme}://{parts.netloc}/.extraHeader"


def as_git(directory: Directory) -> GitRepository:
    """Answer Directory.asGit."""
    return GitRepository(directory.engine, directory=directory)


def check_url(url: str) -> None:
    """Refuse what is no URL of a repository, and URLs that hold credentials, without repeating those."""
    if url.startswith("-"):
        raise EngineError(f"{url!r} is no repository URL")
    parts = urlsplit(url)
    if parts.scheme and (parts.password is not None or (parts.scheme in ("http", "https") and parts.username)):
        place = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        raise EngineError(f"the URL of {place} holds credentials; leave them out and give httpAuthToken instead")


@dataclass(frozen=True, slots=True)
class GitRef(Object):
    """One ref or commit of a repository."""

    repository: GitRepository
    wanted: str

    def ref(self) -> str:
        return self.wanted

    async def commit(self) -> str:
        """Return the commit's id; raises EngineError when the repository has no such ref."""
        if re.fullmatch(r"[0-9a-f]{40,64}", self.wanted):
            return self.wanted
        refs = await self.repository.refs()
        names = (self.wanted, f"refs/tags/{self.wanted}", f"refs/heads/{self.wanted}")
        found = next((refs[name] for name in names if name in refs), None)
        if found is None:
            raise EngineError(f"{self.repository.address or 'the repository'} has no ref {self.wanted}")
        return found

    async def tree(self, discard_git_dir: bool = False, depth: int = 1, include_tags: bool = False) -> Directory:
        commit = await self.commit()
        source = await self.repository.source()
        # The ref counts: its name is in the checkout's .git.
        key = key_of("git", source, commit, self.wanted, discard_git_dir, depth, include_tags)

        async def fetch(draft: Draft) -> dict[str, Any]:
            with step(f"git fetch {self.repository.address or 'repository'} {self.wanted}"):
                await self._fetch(draft.fs, source, commit, depth, include_tags=include_tags)
                if discard_git_dir:
                    await asyncio.to_thread(shutil.rmtree, draft.fs / ".git")
            return {}

        made = await self.engine.store.make(key, fetch)
        return Directory(self.engine, (made.layer,))

    async def _fetch(self, place: Path, source: str, commit: str, depth: int, *, include_tags: bool) -> None:
        git = self.repository.git
        await git("init", "--quiet", cwd=place)
        await git("remote", "add", "origin", source, cwd=place)
        deep = [f"--depth={depth}"] if depth > 0 else []
        tags = ["--tags"] if include_tags else ["--no-tags"]
        what = commit if not self.wanted.startswith("refs/") else f"{self.wanted}:{self.wanted}"
        await git("fetch", "--quiet", "--update-head-ok", *deep, *tags, "origin", what, cwd=place)
        await git("-c", "advice.detachedHead=false", "checkout", "--quiet", commit, cwd=place)


def _matching(refs: Mapping[str, str], prefix: str, patterns: Sequence[str] | None) -> list[str]:
    names = sorted(name.removeprefix(prefix) for name in refs if name.startswith(prefix))
    return [name for name in names if not patterns or any(fnmatchcase(name, each) for each in patterns)]
