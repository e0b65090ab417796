"""Directory.dockerBuild: build an image by a Dockerfile, once for the same files and arguments."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from dagger_local.api.objects.container import Container
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.secret import Secret
from dagger_local.api.objects.small import Socket
from dagger_local.images import Image
from dagger_local.images.locks import file_lock
from dagger_local.platforms import own_platform
from dagger_local.progress import step
from dagger_local.store.snapshots import key_of


async def docker_build(
    directory: Directory,
    dockerfile: str = "Dockerfile",
    platform: str | None = None,
    build_args: Sequence[Mapping[str, str]] = (),
    target: str = "",
    secrets: Sequence[Secret] = (),
    no_init: bool = False,  # noqa: ARG001 - every step has an init process here, or none at all
    ssh: Socket | None = None,
) -> Container:
    """Return the container of the image that the Dockerfile in `directory` describes."""
    engine = directory.engine
    platform = platform or own_platform()
    arguments = {each["name"]: each["value"] for each in build_args}
    identities = [secret.identity for secret in secrets]
    bases = await _bases(directory, dockerfile, arguments, target, platform)
    key = key_of("build", await directory.key(), dockerfile, platform, arguments, target, identities, bases)
    container = Container(engine, platform)
    async with contextlib.AsyncExitStack() as stack:
        this = stack.enter_context(step(f"build {directory.name()}"))
        if image := await _known(engine, key):
            this.cached()
            return container.of_image(image, "")
        await stack.enter_async_context(file_lock(engine.store.state / "locks" / f"build-{key}"))
        if image := await _known(engine, key):  # by another session, meanwhile
            return container.of_image(image, "")
        context = await engine.contexts.show(directory.tree)
        image = await engine.images.build(
            context,
            dockerfile=dockerfile,
            platform=platform,
            build_args=arguments,
            target=target,
            secrets={secret.name: secret.value for secret in secrets},
            ssh_socket=ssh.path if ssh else None,
        )
        engine.store.remember(f"build-{key}", image.id.encode())
        return container.of_image(image, "")


async def _known(engine: Any, key: str) -> Image | None:
    """Return the image that this build gave before, if it is still there."""
    known = engine.store.recall(f"build-{key}")
    return await engine.images.find(known.decode()) if known else None


async def _bases(
    directory: Directory, dockerfile: str, arguments: Mapping[str, str], target: str, platform: str
) -> list[str]:
    """Return what the images that the build starts from are now: a base that moved makes another build."""
    if not directory.exists(dockerfile):
        return []
    text = await directory.file(dockerfile).contents()
    return await directory.engine.images.bases(text, platform=platform, build_args=arguments, target=target)
