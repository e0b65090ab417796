"""What is dangerous in the repository: each kind is a check of its own, so that one that cannot run hides no other."""

import dagger

from pipeline.description import describe
from pipeline.surface import check, field, function, object_type, uncached

from .dockerfiles import check_dockerfiles
from .secrets import check_secrets
from .vulnerabilities import check_vulnerabilities


@object_type
class Scan:
    """The checks of what is dangerous."""

    source: dagger.Directory = field()

    @function
    @check
    async def secrets(self) -> str:
        """Look for secrets in all files with gitleaks."""
        return await check_secrets((await describe(self.source)).tools, self.source)

    @function
    @check
    async def dockerfiles(self) -> str:
        """Lint the services' Dockerfiles with hadolint."""
        description = await describe(self.source)
        return await check_dockerfiles(description.tools, self.source, description.services)

    @uncached
    @check
    async def vulnerabilities(self) -> str:
        """Look for known vulnerabilities and misconfiguration with trivy: high ones and critical ones."""
        return await check_vulnerabilities((await describe(self.source)).tools, self.source)
