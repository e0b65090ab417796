"""Run a command in a container and keep what it changed as a snapshot, unless it was kept before."""

import asyncio
import contextlib
import os
import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagger_local import process
from dagger_local.errors import ExecError
from dagger_local.execution.container import Builder, Container
from dagger_local.execution.init import why_not_started
from dagger_local.execution.model import CacheMount, Command, DirectoryMount, FileMount, Outcome, SecretMount
from dagger_local.execution.redirects import Redirected, read_stdin
from dagger_local.execution.runtime import Runtime
from dagger_local.execution.scrubbing import Scrubber
from dagger_local.execution.users import UnknownNameError
from dagger_local.progress import is_named, step
from dagger_local.progress.steps import Step
from dagger_local.store.digests import tree_digest
from dagger_local.store.snapshots import ONCE, Draft, Snapshot, SnapshotStore, key_of
from dagger_local.store.tree import Tree

NOT_STARTED = -1
"""The exit status of a command that could not even be tried."""
_NAME_LENGTH = 100
_UUID = re.compile("[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_SIGNALS = (128, 191)
_ERROR_BYTES = 102_400


class Executor:
    """Runs commands; the same command on the same files runs once, in this session and in later ones."""

    def __init__(self, store: SnapshotStore, builder: Builder, runtime: Runtime) -> None:
        self._store = store
        self._builder = builder
        self._runtime = runtime

    async def run(self, command: Command) -> Snapshot:
        """Return the snapshot that `command` leaves; `outcome` and `layers_after` read it.

        Raises ExecError when the exit status is not what `command.expect` says.
        """
        key = await asyncio.to_thread(_key, self._store, command)
        # a module that names what it does is followed by that; the command is how
        with step(_title(command), shown=int(is_named() and not command.title)) as this:
            if self._store.find(key):
                this.cached()

            async def execute(draft: Draft) -> Mapping[str, Any]:
                return await self._execute(command, draft, this)

            return await self._store.make(key, execute)

    async def _execute(self, command: Command, draft: Draft, this: Step) -> Mapping[str, Any]:
        try:
            async with self._builder.build(command, draft) as container:
                outcome = await self._run(command, container, this)
        except UnknownNameError as error:
            raise ExecError(list(command.args), NOT_STARTED, "", "", f"get user: {error}") from None
        if not _expected(command.expect, outcome.exit_code):
            stdout, stderr = _shortened(outcome.stdout), _shortened(outcome.stderr)
            raise ExecError(list(command.args), outcome.exit_code, stdout, stderr)
        for name in ("stdout", "stderr", "combined"):
            (draft.directory / name).write_bytes(getattr(outcome, name).encode())
        await asyncio.to_thread(_drop_unchanged_files, command, draft)
        kept = [path.name for path in draft.directory.iterdir() if path.is_dir() and any(path.iterdir())]
        return {"exit_code": outcome.exit_code, "changed": sorted(kept)}

    async def _run(self, command: Command, container: Container, this: Step) -> Outcome:
        combined: list[str] = []
        scrub = Scrubber(command)
        stdin = command.stdin.encode()
        if command.redirect_stdin:
            stdin = read_stdin(command, container)
        argv = self._runtime.argv(container.bundle, container.name, container.bundle / "pid")
        finished = False

        def heard(line: str) -> None:
            this.log(scrub(line))

        try:
            with contextlib.ExitStack() as stack:
                redirected = Redirected(stack, command, container, scrub)
                done = await process.run(
                    argv, stdin=stdin, on_text=combined.append, on_line=heard, copies=redirected.files, check=False
                )
                redirected.finish()
            finished = True
        finally:
            if not finished:
                await asyncio.shield(self._runtime.remove(container.name))
        if done.exit_code == 1 and (reason := why_not_started(command.args[0], done.stderr)):
            return Outcome(1, done.stdout, f"{reason}\n", f"{reason}\n")
        return Outcome(done.exit_code, scrub(done.stdout), scrub(done.stderr), scrub("".join(combined)))


def outcome(snapshot: Snapshot) -> Outcome:
    """Read what the command of a snapshot printed and how it ended."""
    text = {name: (snapshot.directory / name).read_bytes().decode() for name in ("stdout", "stderr", "combined")}
    return Outcome(snapshot.meta["exit_code"], **text)


def tree_after(tree: Tree, snapshot: Snapshot) -> Tree:
    """Return the root filesystem after the command; a command that changed nothing adds no layer."""
    return (*tree, snapshot.layer) if "fs" in snapshot.meta["changed"] else tree


def mount_after(mount: DirectoryMount, position: int, snapshot: Snapshot) -> Tree:
    """Return what the directory mount at this position holds after the command."""
    name = f"m{position}"
    return (*mount.tree, snapshot.beside(name)) if name in snapshot.meta["changed"] else mount.tree


def file_after(mount: FileMount, position: int, snapshot: Snapshot) -> FileMount:
    """Return the file mount at this position as the command left it."""
    name = f"m{position}"
    if name not in snapshot.meta["changed"]:
        return mount
    return replace(mount, source=snapshot.directory / name / mount.source.name, key=f"{snapshot.key}:{name}")


def _drop_unchanged_files(command: Command, draft: Draft) -> None:
    """Keep of the mounted files only what the command wrote to."""
    for position, mount in enumerate(command.mounts):
        folder = draft.directory / f"m{position}"
        if isinstance(mount, FileMount) and folder.exists():
            before, after = mount.source.stat(), (folder / mount.source.name).stat()
            if _facts(before) == _facts(after):
                shutil.rmtree(folder)


def _facts(info: os.stat_result) -> tuple[int, ...]:
    return info.st_mtime_ns, info.st_size, info.st_mode, info.st_uid, info.st_gid


def _key(store: SnapshotStore, command: Command) -> str:
    # A variable that is a new UUID is there to make a call like no other: nothing made from it is found again.
    once = [ONCE] if any(_UUID.fullmatch(value) and store.is_new(value) for value in command.env.values()) else []
    return key_of(
        "exec 3",
        *once,
        [layer.key for layer in command.tree],
        command.args,
        list(command.env.items()),
        [command.cwd, command.user, command.stdin, command.privileged, command.nested, command.expect, command.no_init],
        [command.redirect_stdin, command.redirect_stdout, command.redirect_stderr],
        [_mount_key(store, mount) for mount in command.mounts],
        [command.secret_identities, command.services],
        *([command.network] if command.network != "default" else []),
    )


def _mount_key(store: SnapshotStore, mount: object) -> list[object]:
    match mount:
        case DirectoryMount():
            return ["directory", mount.path, tree_digest(store, mount.tree), mount.read_only]
        case FileMount():
            return ["file", mount.path, mount.key, mount.read_only]
        case SecretMount():
            return ["secret", mount.path, mount.identity, mount.owner, mount.mode]
        case CacheMount():
            return ["cache", mount.path, mount.key, mount.sharing, mount.owner, tree_digest(store, mount.source),
                    mount.mode, mount.read_only]  # fmt: skip
        case _:
            return ["other", str(mount)]


def _expected(expect: str, code: int) -> bool:
    """Whether a status is what was asked for; 128 to 191, where signals are, is never expected (as with Dagger)."""
    if _SIGNALS[0] <= code <= _SIGNALS[1]:
        return False
    return {"SUCCESS": code == 0, "FAILURE": code != 0}.get(expect, True)


def _shortened(text: str) -> str:
    """Return the end of what was printed, as much as an error carries; its beginning says how much is left out."""
    data = text.encode()
    if len(data) > _ERROR_BYTES:
        said = f"[omitting {len(data) - _ERROR_BYTES} bytes]...".encode()
        data = said + data[len(said) - _ERROR_BYTES :]
    return data.decode(errors="replace").rstrip()


def _title(command: Command) -> str:
    text = (command.title or shlex.join(command.args)).replace("\n", " ")
    return text if len(text) <= _NAME_LENGTH else f"{text[:_NAME_LENGTH]}…"
