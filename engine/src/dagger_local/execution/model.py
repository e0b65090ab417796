"""What an execution is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dagger_local.store.tree import Tree


@dataclass(frozen=True, slots=True)
class DirectoryMount:
    """A directory laid over `path`; what is written to it is kept unless `read_only`."""

    path: str
    tree: Tree
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class FileMount:
    """One file laid over `path`."""

    path: str
    source: Path
    key: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class CacheMount:
    """A folder that outlives executions, shared by all that name the same `key`."""

    path: str
    key: str
    sharing: Literal["SHARED", "PRIVATE", "LOCKED"] = "SHARED"
    source: Tree = ()
    owner: tuple[int, int] = (0, 0)
    mode: int | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class TempMount:
    """An empty tmpfs at `path`; `size` in bytes, None for the kernel's default."""

    path: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class SecretMount:
    """A secret as a file on a tmpfs, never on disk. `identity` names it without telling it, `read` gives its value."""

    path: str
    identity: str
    read: Callable[[], bytes] = field(repr=False, compare=False)
    owner: tuple[int, int] = (0, 0)
    mode: int = 0o400


@dataclass(frozen=True, slots=True)
class SocketMount:
    """A Unix socket of the host; one with an `owner` is led there from a socket of that user's."""

    path: str
    source: Path
    owner: tuple[int, int] | None = None


Mount = DirectoryMount | FileMount | CacheMount | TempMount | SecretMount | SocketMount


@dataclass(frozen=True, slots=True)
class Command:
    """One command in one container, whole.

    `secret_env`, `volatile_env` and `hosts` are given to the command but are no part of what it is;
    `secret_identities` (name, identity), `services` (alias, identity) and `nested` (it may ask the session) stand
    for them. `network` is "none" for a network of its own that leads nowhere; `title` is what it is shown as.
    """

    tree: Tree
    args: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    user: str
    mounts: tuple[Mount, ...] = ()
    secret_env: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_identities: tuple[tuple[str, str], ...] = ()
    volatile_env: Mapping[str, str] = field(default_factory=dict, repr=False)
    hosts: Mapping[str, str] = field(default_factory=dict)
    services: tuple[tuple[str, str], ...] = ()
    stdin: str = ""
    redirect_stdin: str = ""
    redirect_stdout: str = ""
    redirect_stderr: str = ""
    privileged: bool = False
    no_init: bool = False
    nested: bool = False
    network: str = "default"
    title: str = field(default="", compare=False)
    expect: Literal["SUCCESS", "FAILURE", "ANY"] = "SUCCESS"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str
    combined: str
