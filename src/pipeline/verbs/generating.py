"""Write what follows from pipeline.yaml."""

from typing import Annotated

import dagger
from dagger import Doc

from pipeline import generation
from pipeline.description import describe
from pipeline.errors import InvalidInput
from pipeline.surface import generate, uncached

from .given import Given


class Generating(Given):
    """What is generated, and what to begin with."""

    @uncached
    @generate
    async def generated(self) -> dagger.Changeset:
        """Write what follows from pipeline.yaml: workflows' choices, Applications, overlays that are missing."""
        return await generation.generate(self.source, await describe(self.source))

    @uncached
    async def init(
        self,
        *,
        repository: Annotated[str, Doc("Git repository that Argo CD reads: https://host/owner/name, or over SSH")],
        branch: Annotated[str, Doc("branch that Argo CD reads; the one that is checked out if not given")] = "",
        project: Annotated[str, Doc("name of the project; the repository's if not given")] = "",
    ) -> dagger.Changeset:
        """Write all that a repository needs to begin with that has Dockerfiles and nothing else.

        pipeline.yaml, manifests, workflows, Terraform, and this pipeline itself; nothing that is there is changed.
        """
        if not self.registry:
            msg = "images need a registry: give --registry before the verb, such as ghcr.io/acme"
            raise InvalidInput(msg)
        return await generation.init(self.source, repository, self.registry, branch, project)
