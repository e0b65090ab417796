"""A registry and a Git remote in containers, for a rehearsal: nobody else sees them, and they end with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dagger
from dagger import dag

from pipeline.tools import doing, once

REGISTRY = "localhost:5000"  # plain HTTP is taken for granted there; the service answers for it
REMOTE = "git://git.local/repository.git"

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Rehearsal",
    "GIT_AUTHOR_EMAIL": "rehearsal@example.com",
    "GIT_COMMITTER_NAME": "Rehearsal",
    "GIT_COMMITTER_EMAIL": "rehearsal@example.com",
}


def registry(image: str) -> dagger.Service:
    """Return an empty registry."""
    container = dag.container().from_(image).with_exposed_port(5000)
    return once(container).as_service(use_entrypoint=True)


def remote(image: str, source: dagger.Directory, branch: str) -> dagger.Service:
    """Return a Git server with one repository: a directory as it stands, in one commit."""
    container = dag.container().from_(image).with_workdir("/seed")
    for name, value in _IDENTITY.items():
        container = container.with_env_variable(name, value)
    return (
        container.with_directory("/seed", source.without_directory(".git"))
        .with_exec(["git", "init", "--quiet", f"--initial-branch={branch}"])
        .with_exec(["git", "add", "--all", "--force"])
        .with_exec(["git", "commit", "--quiet", "--message=The repository as it stands"])
        .with_exec(["git", "clone", "--quiet", "--bare", "/seed", "/srv/repository.git"])
        .with_(once)
        .with_exposed_port(9418)
        .as_service(
            args=["git", "daemon", "--reuseaddr", "--export-all", "--enable=receive-pack", "--base-path=/srv", "/srv"]
        )
    )


@asynccontextmanager
async def running(service: dagger.Service, what: str) -> AsyncIterator[dagger.Service]:
    """Keep a service running, and what it stores, until the block ends; `what` it is, those who watch are told."""
    with doing(f"start {what}"):
        started = await service.start()
    try:
        yield started
    finally:
        await started.stop(kill=True)
