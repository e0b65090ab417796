"""Let syft look for packages: in an image as it was built, or as a registry has it, and in what it was built from."""

from posixpath import dirname

import anyio
import dagger
from dagger import dag

from pipeline.description import Service
from pipeline.errors import PushFailed, explained
from pipeline.registry import Copier
from pipeline.services import Image
from pipeline.tools import once, run, shown

_SECONDS = 1800  # however large an image is
_IMAGE = "/image"
_FOUND = "/tmp/found.spdx.json"  # noqa: S108  in a container of its own


@shown(lambda image, _: f"list the packages of {image.service}")
async def in_build(image: Image, syft: str) -> str:
    """Return the packages of an image that was built for one platform, in SPDX; the same image is looked into once.

    Raises:
        PushFailed: they could not be read.
    """
    container = _set_up(dag.container().from_(syft)).with_mounted_directory(_IMAGE, image.container.rootfs())
    # As in a registry: what is installed counts, and links lead nowhere but into the image.
    command = ["/syft", *_scanning(f"dir:{_IMAGE}"), "--override-default-catalogers", "image", "--base-path", _IMAGE]
    return await _found(container.with_exec(command), f"{image.service}: listing the packages of the image")


@shown(lambda _, __, reference: f"list the packages of {reference}")
async def in_image(copier: Copier, syft: str, reference: str) -> str:
    """Return the packages of an image of one platform, by its digest, in SPDX.

    Raises:
        RegistryFailed: it could not be read.
    """
    program = dag.container().from_(syft).file("/syft")
    container = _set_up(copier.container.with_file("/usr/local/bin/syft", program))
    done = await run(once(container), ["syft", *_scanning(f"registry:{copier.as_seen(reference)}")], seconds=_SECONDS)
    if not done.succeeded:
        raise await copier.failed(f"listing the packages of {reference}", done)
    return await done.container.file(_FOUND).contents()


@shown(lambda _, service, __: f"list the packages that {service.name} locks")
async def in_source(source: dagger.Directory, service: Service, syft: str) -> str:
    """Return the packages that the lock files of a service name, in SPDX.

    Where the whole repository is the context, they are those beside its Dockerfile.

    Raises:
        PushFailed: they could not be read.
    """
    folder = dirname(service.dockerfile_path) if service.context == "." else service.context
    files = source.directory(folder) if folder else source.without_directory(".git")
    container = _set_up(dag.container().from_(syft)).with_mounted_directory("/source", files)
    scanned = container.with_exec(["/syft", *_scanning("dir:/source")])
    return await _found(scanned, f"{service.name}: listing the packages that its files lock")


async def _found(scanned: dagger.Container, doing: str) -> str:
    try:
        with anyio.fail_after(_SECONDS):
            return await scanned.file(_FOUND).contents()
    except dagger.QueryError as error:
        msg = f"{doing} failed: {explained(error)}"
        raise PushFailed(msg) from None
    except TimeoutError:
        msg = f"{doing} took over {_SECONDS} s"
        raise PushFailed(msg) from None


def _scanning(what: str) -> list[str]:
    return ["scan", "--quiet", what, "--output", f"spdx-json={_FOUND}"]


def _set_up(container: dagger.Container) -> dagger.Container:
    # Packages are what people ask for: to list their files as well takes twice as long, and ten times the space.
    return container.with_env_variable("SYFT_CHECK_FOR_APP_UPDATE", "false").with_env_variable(
        "SYFT_FILE_METADATA_SELECTION", "none"
    )
