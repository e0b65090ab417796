"""Files of a container that a command's streams are read from and written to."""

import contextlib
import io
import os
from pathlib import Path
from typing import BinaryIO

from dagger_local.errors import EngineError, ExecError
from dagger_local.execution.container import Container
from dagger_local.execution.model import Command
from dagger_local.execution.scrubbing import Scrubber
from dagger_local.execution.users import find_user


def read_stdin(command: Command, container: Container) -> bytes:
    """Return what the command's `redirect_stdin` holds; raises EngineError when it cannot be read."""
    try:
        return container.host_path(command.redirect_stdin).read_bytes()
    except OSError as error:
        raise EngineError(f"redirectStdin: {command.redirect_stdin}: {error.strerror}") from None


class Redirected:
    """Where the bytes of stdout and stderr are copied to: `files`, None for a stream that goes to no file.

    Nobody but the command's user may read such a file, and no secret of the command gets into it, as Dagger has it.
    A secret may come in two pieces, so what a command with secrets prints is masked at its end.
    """

    def __init__(self, stack: contextlib.ExitStack, command: Command, container: Container, scrub: Scrubber) -> None:
        self._scrub = scrub
        self._held: list[tuple[io.BytesIO, BinaryIO]] = []
        self.files = (
            self._opened(stack, command, container, "stdout"),
            self._opened(stack, command, container, "stderr"),
        )

    def _opened(
        self, stack: contextlib.ExitStack, command: Command, container: Container, stream: str
    ) -> BinaryIO | None:
        path: str = getattr(command, f"redirect_{stream}")
        if not path:
            return None
        place = container.host_path(path)
        try:
            handle = stack.enter_context(_made(place, command))
        except OSError as error:
            reason = f"open redirect {stream} file: open {path}: {(error.strerror or '').lower()}"
            raise ExecError(list(command.args), -1, "", "", reason) from None
        if not self._scrub.masks:
            return handle
        held = io.BytesIO()
        self._held.append((held, handle))
        return held

    def finish(self) -> None:
        """Write what was held back."""
        for held, handle in self._held:
            handle.write(self._scrub.bytes(held.getvalue()))


def _made(place: Path, command: Command) -> BinaryIO:
    user = find_user(command.tree, command.user)
    handle = place.open("wb")
    os.fchmod(handle.fileno(), 0o600)
    os.fchown(handle.fileno(), user.uid, user.gid)
    return handle
