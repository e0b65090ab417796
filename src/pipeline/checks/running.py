"""Run a tool of an image on files, and tell its findings from its being missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import dagger
from dagger import dag

from pipeline.errors import explained
from pipeline.tools import run

from .outcome import Missing

SRC = "/src"
_SECONDS = 1800


async def program(image: str, what: str) -> dagger.Container | Missing:
    """Return the container of an image, or why it cannot be had."""
    try:
        return await dag.container().from_(image).sync()
    except dagger.QueryError as error:
        return Missing(what, explained(error))


def on(container: dagger.Container, files: dagger.Directory) -> dagger.Container:
    """Return the container, working in files that it may change without anybody seeing it."""
    return container.with_mounted_directory(SRC, files).with_workdir(SRC)


@dataclass(frozen=True, slots=True)
class Ended:
    """A command's exit code, 1 where it took too long, what it printed, and the container after it."""

    code: int
    stdout: str
    stderr: str
    container: dagger.Container

    @property
    def said(self) -> str:
        """All that it printed."""
        return "\n".join(text.strip("\n") for text in (self.stdout, self.stderr) if text.strip())


async def ended(container: dagger.Container, args: Sequence[str]) -> Ended:
    """Run a command that may fail."""
    done = await run(container, args, seconds=_SECONDS)
    if done.code is None:
        return Ended(1, "", f"it took longer than {_SECONDS // 60} minutes", done.container)
    return Ended(done.code, await done.stdout(), await done.stderr(), done.container)
