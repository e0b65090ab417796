"""Rehearse a release: the whole way against a throwaway registry and a throwaway Git remote."""

from dataclasses import replace

from pipeline.description import PUSH
from pipeline.git import Access, Author, Signature
from pipeline.promotion import open_workspace
from pipeline.registry import Credentials, Logins
from pipeline.services import Recipe

from .report import Rehearsed
from .servers import REGISTRY, REMOTE, registry, remote, running
from .stages import Stages

_SIGNATURE = Signature(Author("Rehearsal", "rehearsal@example.com"))


async def rehearse(recipe: Recipe) -> Rehearsed:
    """Rehearse a release.

    Args:
        recipe: which services, and how their images are made; its registry is not used.

    Raises:
        RehearsalFailed: an environment ended with something else than it should run.
    """
    description = recipe.description.at(REGISTRY)
    # Nothing is signed here, for nobody has a key.
    nothing = tuple(replace(each, require=(), signers=()) for each in description.environments)
    description = replace(description, environments=nothing)
    tools = description.tools
    serving = remote(tools.git_server, recipe.source, description.branch)
    async with (
        running(registry(tools.registry), "a registry") as images,
        running(serving, "a Git server with the repository") as git,
    ):
        nobody = Credentials("", None, images)
        workspace = await open_workspace(
            replace(description, repository=REMOTE),
            [replace(description.first, changes_by=PUSH)],
            Logins(nobody),
            Access(service=git),
            _SIGNATURE,
            source=recipe.source,
            writing=True,
        )
        own = replace(recipe, description=description, credentials=nobody, copier=workspace.copier)
        return await Stages(own, workspace).run()
