"""Run commands in a container: what may fail, for a limited time, and whatever ran before."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import dagger


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command left: the container after it and its exit code; no code means that it took too long."""

    container: dagger.Container
    code: int | None
    error: dagger.ExecError | None = None

    @property
    def succeeded(self) -> bool:
        """Tell whether it did what it should."""
        return self.code == 0

    async def stdout(self) -> str:
        """Return what it printed."""
        if self.error:
            return self.error.stdout
        return await self.container.stdout() if self.code is not None else ""

    async def stderr(self) -> str:
        """Return what it printed to its standard error."""
        if self.error:
            return self.error.stderr
        return await self.container.stderr() if self.code is not None else ""


def once(container: dagger.Container) -> dagger.Container:
    """Make what follows run whatever ran before: it has side effects, or reads what moves."""
    return container.with_env_variable("PIPELINE_CALL", uuid.uuid4().hex)


async def run(container: dagger.Container, args: Sequence[str], *, seconds: int, stdin: str = "") -> Finished:
    """Run a command that may fail, for a limited time."""
    after = container.with_exec(list(args), stdin=stdin, expect=dagger.ReturnType.ANY)
    try:
        with anyio.fail_after(seconds):
            return Finished(after, await after.exit_code())
    except dagger.ExecError as error:  # whatever is expected, 128 to 191 is an error: git's `fatal:` is 128
        if error.command != list(args):  # a step before it
            raise
        return Finished(after, error.exit_code, error)
    except TimeoutError:
        return Finished(after, None)


def for_each(args: Sequence[str], *, takes: int, at_once: int) -> list[str]:
    """Return the command that runs `args` once for every few words of its standard input, several side by side."""
    return ["xargs", "-r", "-P", str(at_once), "-n", str(takes), *args]
