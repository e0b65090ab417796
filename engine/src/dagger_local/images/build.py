"""Build a Dockerfile with buildah; every image it starts from is resolved first."""

import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dagger_local.errors import EngineError, ExecError
from dagger_local.images.containers import Containers, last_words, write_private
from dagger_local.images.dockerfile import Dockerfile, Needed
from dagger_local.images.isolation import Isolations
from dagger_local.images.model import Image
from dagger_local.images.together import together
from dagger_local.platforms import own_platform
from dagger_local.process import Completed
from dagger_local.progress import Step, step

_STEP = re.compile(r"(?:\[\d+/\d+\] )?STEP \d+/\d+: (.*)")
_FAILED_RUN = re.compile(r'building at STEP "RUN (.*)": .*exit status (\d+)', re.DOTALL)
_NOISE = re.compile(
    r"(?:\[\d+/\d+\] )?(?:COMMIT\b|--> |Error: |\[Warning\] one or more build args were not consumed|subprocess exited)"
)
_TAIL = 40

Pull = Callable[[str, str], Awaitable[Image]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be built."""

    context: Path
    dockerfile: str
    platform: str
    build_args: Mapping[str, str]
    target: str
    secrets: Mapping[str, bytes]
    ssh_socket: Path | None


async def build(request: Request, containers: Containers, isolations: Isolations, pull: Pull) -> str:
    """Return the id of the image that was built.

    Raises ExecError when a RUN fails, EngineError for anything else that is wrong with the Dockerfile.
    """
    text = await asyncio.to_thread(_read, request)
    scanned = Dockerfile(text, platform=request.platform, build_platform=own_platform(), args=request.build_args)
    if number := scanned.here_document():
        await _refuse_old_buildah(containers, f"{request.dockerfile}, line {number}")
    needed = scanned.needed(request.target)
    images = await pull_all(needed, pull)
    names = {image.id: need.reference for need, image in images.items()}
    with tempfile.TemporaryDirectory(dir=containers.private(), prefix="build-") as name:
        scratch = Path(name)
        (scratch / "Dockerfile").write_text(scanned.pinned({need: image.id for need, image in images.items()}))
        async with isolations.isolate(list(images.values())) as isolation:
            words = [
                "build",
                *_options(request, scratch),
                *isolation.flags,
                "--signature-policy",
                str(containers.policy),
            ]
            show = _Shown(names)
            async with show.running():
                done = await containers.buildah(
                    *words, request.context, env=isolation.env, on_line=show.line, check=False
                )
        if done.exit_code:
            raise _explain(done, show, request.dockerfile)
        return (scratch / "id").read_text().strip().removeprefix("sha256:")


def _read(request: Request) -> str:
    path = (request.context / request.dockerfile).resolve()
    if not path.is_relative_to(request.context.resolve()) or not path.is_file():
        raise EngineError(
            f"there is no {request.dockerfile} in the build context; create it, or name another Dockerfile"
        )
    try:
        return path.read_text()
    except UnicodeDecodeError:
        raise EngineError(f"{request.dockerfile} is not UTF-8 text") from None


async def _refuse_old_buildah(containers: Containers, where: str) -> None:
    """Refuse here-documents where buildah would take their lines for instructions."""
    version = (await containers.buildah("--version")).stdout
    found = re.search(r"(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) < (1, 33):
        raise EngineError(
            f"{where}: buildah {found[0]} has no here-documents; join the lines by a backslash, or install buildah 1.33"
        )


async def pull_all(needed: list[Needed], pull: Pull) -> dict[Needed, Image]:
    """Pull side by side."""

    async def one(need: Needed) -> Image:
        return await pull(need.reference, need.platform)

    return dict(zip(needed, await together(one(need) for need in needed), strict=True))


def _options(request: Request, scratch: Path) -> list[str]:
    # The docker format keeps HEALTHCHECK and SHELL, which the OCI format has no place for.
    options = [
        "--layers",
        "--force-rm",
        "--format",
        "docker",
        "--identity-label=false",
        "--pull=never",
        "--platform",
        request.platform,
    ]
    options += ["--file", str(scratch / "Dockerfile"), "--iidfile", str(scratch / "id")]
    own_ignore = request.context / f"{request.dockerfile}.dockerignore"
    if own_ignore.is_file():
        options += ["--ignorefile", str(own_ignore)]
    for key, value in request.build_args.items():
        options += ["--build-arg", f"{key}={value}"]
    if request.target:
        options += ["--target", request.target]
    for number, (key, content) in enumerate(request.secrets.items()):
        file = scratch / f"secret-{number}"
        write_private(file, content)
        # Without a type buildah takes a variable of the id's name for it, wherever there is one.
        options += ["--secret", f"id={key},type=file,src={file}"]
    if request.ssh_socket:
        options += ["--ssh", f"default={request.ssh_socket}"]
    return options


class _Shown:
    """Turns buildah's lines into steps. One task opens and closes them: a step belongs to the task that opened it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self.tail: list[str] = []

    def line(self, line: str) -> None:
        """Take a line of either stream."""
        self._lines.put_nowait(line)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Show lines for as long as this is open."""
        task = asyncio.create_task(self._show())
        try:
            yield
        except BaseException:
            task.cancel()
            raise
        finally:
            self._lines.put_nowait(None)
            await asyncio.wait([task])

    async def _show(self) -> None:
        with contextlib.ExitStack() as stack:
            current: Step | None = None
            while (line := await self._lines.get()) is not None:
                if line.startswith("Error: ") and current:
                    current.state = "failed"
                if started := _STEP.fullmatch(line):
                    stack.close()
                    current = stack.enter_context(step(self._readable(started[1])))
                    self.tail.clear()
                elif line.startswith("--> Using cache"):
                    if current:
                        current.cached()
                elif current and not _NOISE.match(line):
                    current.log(line)
                    self.tail = [*self.tail[-_TAIL:], line]

    def _readable(self, text: str) -> str:
        for image_id, name in self._names.items():
            text = text.replace(image_id, name)
        return text


def _explain(done: Completed, shown: _Shown, dockerfile: str) -> EngineError:
    message = last_words(done)
    if failed := _FAILED_RUN.search(done.stderr):
        command = re.sub(r"^(--\S+\s+)+", "", failed[1].replace('\\"', '"'))
        return ExecError(["/bin/sh", "-c", command], int(failed[2]), "", "\n".join(shown.tail))
    return EngineError(f"{dockerfile}: {_readable(message)}")


def _readable(message: str) -> str:
    """Cut buildah's way through its own code and folders out of a message."""
    if unknown := re.search(r'Unknown instruction: "[^"]*"', message):
        return unknown[0]
    message = re.sub(r'^building at STEP "(.*?)": ', r"\1: ", message)
    return re.sub(r'checking on sources under "[^"]*": copier: (stat: )?', "", message)
