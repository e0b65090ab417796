"""A target of the service's own Dockerfile: it is built, and what does not build has failed."""

import dagger

from pipeline.description import Service
from pipeline.errors import explained

from .outcome import Failed, Outcome, Passed


def is_lint(target: str) -> bool:
    """Tell whether a target is a lint; any other is a test."""
    return target == "lint" or target.startswith("lint-")


async def build(service: Service, files: dagger.Directory, target: str) -> Outcome:
    """Build a target as the image is built, with the service's own arguments."""
    what = f"{service.name}: target {target}"
    arguments = [dagger.BuildArg(name, value) for name, value in service.args]
    built = files.docker_build(
        dockerfile=service.dockerfile or "Dockerfile", target=target, build_args=arguments or None
    )
    try:
        await built.sync()
    except dagger.QueryError as error:
        return Failed(what, explained(error))
    return Passed(what)
