"""Look for what a team that takes the pipeline up gets wrong."""

from typing import Annotated

import dagger
from dagger import Doc

from pipeline import diagnosis
from pipeline.surface import Format, arguments, uncached

from .given import Given


class Diagnosing(Given):
    """The doctor."""

    @uncached
    async def doctor(
        self,
        *,
        git_token: arguments.GitToken = None,
        aws_credentials: Annotated[
            dagger.Secret | None, Doc('key for AWS that may look, such as cmd://"aws configure export-credentials"')
        ] = None,
        aws_endpoint: Annotated[str, Doc("address that answers instead of AWS's own, such as an emulation's")] = "",
        aws_service: Annotated[
            dagger.Service | None, Doc("service that answers for that address, such as tcp://localhost:5000")
        ] = None,
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Look at everything that has to agree, change nothing, and say what is wrong with its cure.

        With a Git token, GitHub is asked as well whether the environments are really protected; with AWS credentials,
        AWS whether tags can be overwritten, layers are mounted, and roles trust the right jobs.
        """
        access = diagnosis.AwsAccess(aws_credentials, aws_endpoint, aws_service) if aws_credentials else None
        done = await diagnosis.diagnose(self.source, self.registry, git_token, self._call.github, access)
        return diagnosis.diagnosis_report(done, format_)
