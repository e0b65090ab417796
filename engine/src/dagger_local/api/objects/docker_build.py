"""Directory.dockerBuild: build an image by a Dockerfile; every step once for what it is made from."""

from collections.abc import Mapping, Sequence

from dagger_local.api.objects.container import Container
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.image_config import ImageConfig
from dagger_local.api.objects.secret import Secret
from dagger_local.api.objects.small import Socket
from dagger_local.building.builder import build
from dagger_local.building.tools import Request, Tools
from dagger_local.dockerfile.ignore import Ignored, read_patterns
from dagger_local.dockerfile.stages import Given, read
from dagger_local.errors import EngineError
from dagger_local.images.model import Image
from dagger_local.platforms import normalised, own_platform
from dagger_local.progress import step
from dagger_local.store.tree import Tree, resolve

_EPOCH = "SOURCE_DATE_EPOCH"


async def docker_build(
    directory: Directory,
    dockerfile: str = "Dockerfile",
    platform: str | None = None,
    build_args: Sequence[Mapping[str, str]] = (),
    target: str = "",
    secrets: Sequence[Secret] = (),
    no_init: bool = False,
    ssh: Socket | None = None,
) -> Container:
    """Return the container of the image that the Dockerfile in `directory` describes."""
    engine = directory.engine
    dockerfile = dockerfile or "Dockerfile"
    arguments = {each["name"]: each["value"] for each in build_args}
    given = Given(normalised(platform or own_platform()), own_platform(), arguments, target)

    async def pull(reference: str, wanted: str) -> Image:
        return await engine.images.pull(reference, platform=wanted)

    with step(f"build {directory.name()}"):
        text = _text(directory.tree, dockerfile)
        parsed = read(text, dockerfile, given)
        request = Request(
            dockerfile,
            text,
            await _context(directory, dockerfile),
            given,
            {secret.name or secret.uri: secret.read for secret in secrets},
            ssh.path if ssh else None,
            no_init,
        )
        built = await build(parsed, Tools(engine.store, engine.executor, pull), request)
    config = ImageConfig.read(built.config)
    return Container(*(engine, given.platform, built.image, built.layers, config), source_date=_source_date(arguments))


def _text(tree: Tree, dockerfile: str) -> str:
    entry = resolve(tree, dockerfile)
    if entry is None or not entry.is_file:
        raise EngineError(f"there is no file {dockerfile} in the build context; create it, or name another Dockerfile")
    try:
        return entry.host.read_bytes().decode()
    except UnicodeDecodeError:
        raise EngineError(f"{dockerfile} is not UTF-8 text") from None


async def _context(directory: Directory, dockerfile: str) -> Tree:
    """Return the files that no ignore file leaves out: the Dockerfile's own ignore file stands for the other one."""
    for name in (f"{dockerfile}.dockerignore", ".dockerignore"):
        entry = resolve(directory.tree, name)
        if entry is None or not entry.is_file:
            continue
        patterns = read_patterns(entry.host.read_bytes().decode(errors="replace"))
        try:
            return (await _less(directory, patterns)).tree if patterns else directory.tree
        except ValueError as error:
            raise EngineError(f"{name}: {error}") from None
    return directory.tree


async def _less(directory: Directory, patterns: Sequence[str]) -> Directory:
    takes = Ignored(patterns)
    what = ("context", await directory.key(), patterns)
    return await Directory(directory.engine).laid(what, lambda layer: layer.copy("", directory.tree, takes=takes))


def _source_date(arguments: Mapping[str, str]) -> int | None:
    """Return the argument that makes the same build the same image: the time of all that it makes."""
    given = arguments.get(_EPOCH, "")
    if given and not given.isdecimal():
        raise EngineError(f"{_EPOCH}={given} is no number of seconds since 1970")
    return int(given) if given else None
