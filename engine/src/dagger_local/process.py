"""Run a program of the host: argv lists only, killed with all its children when the caller is cancelled."""

import asyncio
import codecs
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dagger_local.errors import EngineError

_IDLE_BYTES = 4096
"""What a program that only waits may read and write: its runtime wakes itself by such means."""


@dataclass(frozen=True, slots=True)
class Completed:
    """What a program left: its exit status and both of its streams, decoded as UTF-8."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str


class ProgramError(EngineError):
    """A program of the host failed; `completed` holds all of what it said."""

    def __init__(self, completed: Completed) -> None:
        said = completed.stderr.strip() or completed.stdout.strip() or "it said nothing"
        name = Path(completed.argv[0]).name
        super().__init__(f"{name} exited with {completed.exit_code}: {said.splitlines()[-1]}")
        self.completed = completed


async def run(
    argv: Sequence[str | Path],
    *,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_line: Callable[[str], None] | None = None,
    on_text: Callable[[str], None] | None = None,
    copies: tuple[BinaryIO | None, BinaryIO | None] = (None, None),
    check: bool = True,
    patience: float | None = None,
) -> Completed:
    """Run `argv` and return what it left.

    `env` is added to the engine's environment. `on_line` receives each line of both streams as it comes,
    `on_text` each piece of them; `copies` (of stdout, of stderr) receive their bytes as they are.
    Raises ProgramError on a non-zero exit when `check`, EngineError when the program is not installed, TimeoutError
    when it has read and written next to nothing for `patience` seconds.
    """
    words = tuple(str(word) for word in argv)
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **env} if env else None,
            cwd=cwd,
            start_new_session=True,
            limit=1 << 20,
        )
    except FileNotFoundError:
        message = f"{words[0]} is not installed; install it (on Debian: apt-get install {words[0]}) and run again"
        raise EngineError(message) from None
    try:
        async with _bounded(process.pid, patience):
            out, err, _ = await asyncio.gather(
                drain(process.stdout, on_line, on_text, copies[0]),
                drain(process.stderr, on_line, on_text, copies[1]),
                _feed(process.stdin, stdin),
            )
            code = await process.wait()
    except BaseException:
        _kill_group(process.pid)
        # Others may hold its pipes. Left open, they would be waited for; forgotten, they would be closed behind the
        # event loop's back, which then never hears of the next pipe of their number. asyncio has no other way to it.
        process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(process.wait())
        raise
    completed = Completed(words, code, out, err)
    if check and code:
        raise ProgramError(completed)
    return completed


@contextlib.asynccontextmanager
async def _bounded(pid: int, patience: float | None) -> AsyncIterator[None]:
    """Raise TimeoutError once the process has moved next to no bytes for `patience` seconds."""
    if patience is None:
        yield
        return
    async with asyncio.timeout(patience) as limit:
        watching = asyncio.create_task(_extend(limit, pid, patience))
        try:
            yield
        finally:
            watching.cancel()


async def _extend(limit: asyncio.Timeout, pid: int, patience: float) -> None:
    """Give the process more time whenever it has read or written something, also without printing anything."""
    before = 0
    while True:
        moved = _moved(pid)
        if moved is None or moved > before + _IDLE_BYTES:
            before = moved or 0
            limit.reschedule(asyncio.get_running_loop().time() + patience)
        await asyncio.sleep(min(patience / 4, 1))


def _moved(pid: int) -> int | None:
    """Return how many bytes the process has read and written so far (proc_pid_io(5)); None where this is hidden."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) for line in lines if line.startswith(("rchar:", "wchar:")))


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


async def _feed(pipe: asyncio.StreamWriter | None, data: bytes | None) -> None:
    if pipe is None or data is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(data)
        await pipe.drain()
    pipe.close()


async def drain(
    pipe: asyncio.StreamReader | None,
    on_line: Callable[[str], None] | None = None,
    on_text: Callable[[str], None] | None = None,
    copy: BinaryIO | None = None,
) -> str:
    """Read `pipe` to its end and return it as text, telling lines and pieces as they come, copying its bytes."""
    if pipe is None:
        return ""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    pieces: list[str] = []
    pending = ""
    while chunk := await pipe.read(1 << 16):
        if copy:
            copy.write(chunk)
        text = decoder.decode(chunk)
        pieces.append(text)
        if on_text:
            on_text(text)
        if on_line:
            *lines, pending = (pending + text).split("\n")
            for line in lines:
                on_line(line)
    if on_line and pending:
        on_line(pending)
    return "".join(pieces)
