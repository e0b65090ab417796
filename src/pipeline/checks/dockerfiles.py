"""The services' Dockerfiles: hadolint."""

from collections.abc import Sequence

import dagger
from dagger import dag

from pipeline.description import Service
from pipeline.tools import Tools

from .outcome import Failed, Missing, Passed, verdict
from .running import ended, on, program

_CONFIGURATION = ".hadolint.yaml"


async def check_dockerfiles(tools: Tools, source: dagger.Directory, services: Sequence[Service]) -> str:
    """Lint the services' Dockerfiles with hadolint, and report it.

    Raises:
        CheckFailed: something was found.
        NotRun: hadolint could not run.
    """
    linter = await program(tools.hadolint, "hadolint")
    if isinstance(linter, Missing):
        return verdict([linter])
    paths = sorted({service.dockerfile_path for service in services})
    files = dag.directory().with_directory("", source, include=[*paths, _CONFIGURATION])
    done = await ended(on(linter, files), ["/bin/hadolint", "--no-color", *paths])
    return verdict([Failed("hadolint", done.said) if done.code else Passed("hadolint")])
