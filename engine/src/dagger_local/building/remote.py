"""ADD of addresses: files by HTTP, folders by Git."""

import asyncio
import hashlib
import os
import posixpath
import re
import shutil
import tempfile
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dagger_local.process import ProgramError, run
from dagger_local.store.host import take_directory
from dagger_local.store.patterns import Filter
from dagger_local.store.snapshots import Draft, SnapshotStore, key_of
from dagger_local.store.tree import Tree, select

_GIT = re.compile(r"(?:git|ssh)://|[\w.-]+@[\w.-]+:|https?://[^#?]+\.git(?:[#?]|$)")
_HTTP = re.compile(r"https?://")
_PATIENCE = 60.0


def is_remote(place: str) -> bool:
    """Tell whether a source is an address."""
    return bool(_HTTP.match(place) or is_git(place))


def is_git(place: str) -> bool:
    """Tell whether an address is a Git repository's."""
    return bool(_GIT.match(place))


def name_of(place: str) -> str:
    """Return the name that a fetched file has."""
    return posixpath.basename(unquote(urlsplit(place).path)) or "__unnamed__"


def escaped_name(place: str) -> str:
    """Return that name as a pattern that matches nothing else."""
    return re.sub(r"([*?\[\\])", r"\\\1", name_of(place))


async def fetch(store: SnapshotStore, place: str, checksum: str, *, keep_git: bool) -> Tree:
    """Return what is at an address now. Raises ValueError when it cannot be had, or is not what `checksum` says."""
    if is_git(place):
        return await _clone(store, place, checksum, keep_git=keep_git)
    if checksum and not re.fullmatch("sha256:[0-9a-f]{64}", checksum):
        raise ValueError(f"--checksum={checksum}: write it as sha256: and 64 hexadecimal digits")
    if checksum and (known := store.find(key_of("fetched", place, checksum.removeprefix("sha256:")))):
        return (known.layer,)
    async with store.draft() as draft:
        try:
            digest = await asyncio.to_thread(_download, place, draft)
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise ValueError(f"{place} cannot be fetched: {getattr(error, 'reason', error)}") from None
        if checksum and checksum != f"sha256:{digest}":
            raise ValueError(f"{place} is sha256:{digest}, not {checksum}")
        return (store.keep(draft, key_of("fetched", place, digest), {}).layer,)


def _download(place: str, draft: Draft) -> str:
    target = draft.fs / name_of(place)
    with urllib.request.urlopen(place, timeout=_PATIENCE) as answer, target.open("wb") as handle:  # noqa: S310
        shutil.copyfileobj(answer, handle)
        when = answer.headers.get("Last-Modified", "")
    target.chmod(0o600)
    seconds = parsedate_to_datetime(when).timestamp() if when else 0
    os.utime(target, (seconds, seconds))
    with target.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


async def _clone(store: SnapshotStore, place: str, checksum: str, *, keep_git: bool) -> Tree:
    address, _, fragment = place.partition("#")
    ref, _, folder = fragment.partition(":")
    with tempfile.TemporaryDirectory(prefix="add-git-") as scratch:
        there = Path(scratch) / "tree"
        env: dict[str, str] = {"GIT_TERMINAL_PROMPT": "0"}
        try:
            await run(["git", "init", "--quiet", there], env=env)
            words: list[str | Path] = [
                "git",
                "-C",
                there,
                "fetch",
                "--quiet",
                "--depth=1",
                "--",
                address,
                ref or "HEAD",
            ]
            await run(words, env=env, patience=_PATIENCE)
            await run(["git", "-C", there, "checkout", "--quiet", "--detach", "FETCH_HEAD"], env=env)
            head = (await run(["git", "-C", there, "rev-parse", "HEAD"], env=env)).stdout.strip()
        except (ProgramError, TimeoutError) as error:
            raise ValueError(f"{place} cannot be cloned: {error}") from None
        if checksum and not head.startswith(checksum):
            raise ValueError(f"{place} is commit {head}, not {checksum}")
        if not keep_git:
            await asyncio.to_thread(shutil.rmtree, there / ".git")
        snapshot = await take_directory(store, there, Filter())
    tree: Tree = (snapshot.layer,)
    return select(tree, folder) if folder else tree
