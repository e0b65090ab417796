"""Run a command in a container and keep what it changed as a snapshot, unless it was kept before."""

import asyncio
import contextlib
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from dagger_local import process
from dagger_local.errors import EngineError, ExecError
from dagger_local.execution.container import Builder, Container
from dagger_local.execution.model import CacheMount, Command, DirectoryMount, FileMount, Outcome, SecretMount
from dagger_local.execution.runtime import Runtime
from dagger_local.execution.scrubbing import Scrubber
from dagger_local.execution.users import find_user
from dagger_local.progress import step
from dagger_local.progress.steps import Step
from dagger_local.store.digests import tree_digest
from dagger_local.store.snapshots import Draft, Snapshot, SnapshotStore, key_of
from dagger_local.store.tree import Tree

_NAME_LENGTH = 100


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
        with step(_title(command)) as this:
            if self._store.find(key):
                this.cached()

            async def execute(draft: Draft) -> Mapping[str, Any]:
                return await self._execute(command, draft, this)

            return await self._store.make(key, execute)

    async def _execute(self, command: Command, draft: Draft, this: Step) -> Mapping[str, Any]:
        async with self._builder.build(command, draft) as container:
            outcome = await self._run(command, container, this)
        if not _expected(command.expect, outcome.exit_code):
            raise ExecError(list(command.args), outcome.exit_code, outcome.stdout, outcome.stderr)
        for name in ("stdout", "stderr", "combined"):
            (draft.directory / name).write_bytes(getattr(outcome, name).encode())
        kept = [path.name for path in draft.directory.iterdir() if path.is_dir() and any(path.iterdir())]
        return {"exit_code": outcome.exit_code, "changed": sorted(kept)}

    async def _run(self, command: Command, container: Container, this: Step) -> Outcome:
        combined: list[str] = []
        scrub = Scrubber(command)
        stdin = command.stdin.encode()
        if command.redirect_stdin:
            stdin = _read(container.host_path(command.redirect_stdin), command.redirect_stdin)
        argv = self._runtime.argv(container.bundle, container.name, container.bundle / "pid")
        finished = False

        def heard(line: str) -> None:
            this.log(scrub(line))

        try:
            with contextlib.ExitStack() as stack:
                copies = (
                    _redirect(stack, command, container, command.redirect_stdout),
                    _redirect(stack, command, container, command.redirect_stderr),
                )
                done = await process.run(
                    argv, stdin=stdin, on_text=combined.append, on_line=heard, copies=copies, check=False
                )
            finished = True
        finally:
            if not finished:
                await asyncio.shield(self._runtime.remove(container.name))
        code, stdout, stderr = _own_error(done.exit_code, done.stdout, done.stderr)
        return Outcome(code, scrub(stdout), scrub(stderr), scrub("".join(combined)))


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


def _key(store: SnapshotStore, command: Command) -> str:
    return key_of(
        "exec",
        [layer.key for layer in command.tree],
        command.args,
        list(command.env.items()),
        [command.cwd, command.user, command.stdin, command.privileged, command.nested, command.expect],
        [command.redirect_stdin, command.redirect_stdout, command.redirect_stderr],
        [_mount_key(store, mount) for mount in command.mounts],
        [command.secret_identities, command.services],
    )


def _mount_key(store: SnapshotStore, mount: object) -> list[object]:
    match mount:
        case DirectoryMount():
            return ["directory", mount.path, tree_digest(store, mount.tree), mount.read_only]
        case FileMount():
            return ["file", mount.path, mount.key]
        case SecretMount():
            return ["secret", mount.path, mount.identity, mount.owner, mount.mode]
        case CacheMount():
            return ["cache", mount.path, mount.key, mount.sharing, mount.owner, tree_digest(store, mount.source)]
        case _:
            return ["other", str(mount)]


def _own_error(code: int, stdout: str, stderr: str) -> tuple[int, str, str]:
    """Tell a command that could not be started from one that failed: runc says so on stderr and exits with 1."""
    marker = "exec failed" if "exec failed" in stderr else "unable to start container process"
    if code == 1 and marker in stderr and "level=error" in stderr:
        reason = stderr.rsplit(": exec: ", 1)[-1].strip().rstrip('"').replace('\\"', '"')
        missing = "not found" in reason or "no such file" in reason
        return 127 if missing else 126, stdout, f"{reason}\n"
    return code, stdout, stderr


def _expected(expect: str, code: int) -> bool:
    if expect == "ANY":
        return True
    return (code == 0) if expect == "SUCCESS" else 1 <= code <= 127


def _title(command: Command) -> str:
    text = shlex.join(command.args).replace("\n", " ")
    return text if len(text) <= _NAME_LENGTH else f"{text[:_NAME_LENGTH]}…"


def _read(place: Path, path: str) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        raise EngineError(f"redirectStdin: {path}: {error.strerror}") from None


def _redirect(stack: contextlib.ExitStack, command: Command, container: Container, path: str) -> BinaryIO | None:
    """Open the file that gets a stream's bytes; nobody but the command's user may read it, as Dagger has it."""
    if not path:
        return None
    place = container.host_path(path)
    user = find_user(command.tree, command.user)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = stack.enter_context(place.open("wb"))
        os.fchmod(handle.fileno(), 0o600)
        os.fchown(handle.fileno(), user.uid, user.gid)
    except OSError as error:
        raise EngineError(f"redirecting output to {path}: {error.strerror}") from None
    return handle
