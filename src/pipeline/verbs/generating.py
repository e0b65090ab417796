"""Write what follows from pipeline.yaml."""

import dagger

from pipeline.description import describe
from pipeline.generation import generate as generated
from pipeline.surface import generate, uncached

from .given import Given


class Generating(Given):
    """What is generated."""

    @uncached
    @generate
    async def generated(self) -> dagger.Changeset:
        """Write what follows from pipeline.yaml: workflows' choices, Applications, overlays that are missing."""
        return await generated(self.source, await describe(self.source))
