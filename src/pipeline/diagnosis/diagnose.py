"""Look at everything, and change nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import dagger
from dagger import dag

from pipeline.checks import disagreements
from pipeline.concurrency import side_by_side
from pipeline.description import Description, describe
from pipeline.errors import InvalidDescription, PipelineError
from pipeline.git import GitHub
from pipeline.overlays import FILES, InvalidOverlay, check_rendered, contents, file_of, pinned, rendering
from pipeline.surface import stripped
from pipeline.tools import toolbox

from .applications import applications
from .aws import aws
from .aws_api import AwsAccess
from .aws_api import aws as aws_as
from .finding import Finding, from_errors, from_line
from .github import github
from .registries import repositories
from .tools import tools
from .workflows import workflows

Where: TypeAlias = Callable[[Description], GitHub | None]

_NO_CREDENTIALS = 'what AWS says: give --aws-credentials cmd://"aws configure export-credentials"'
_INSIDE = ("overlays", "argo cd", "workflows", "tools")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found, which parts were looked at, and why others were not."""

    findings: Sequence[Finding]
    parts: Sequence[str]
    left_out: Sequence[str]

    def and_(self, part: str, findings: Sequence[Finding], left_out: Sequence[str]) -> "Diagnosis":
        """Return it with what was found in a part more."""
        return Diagnosis([*self.findings, *findings], [*self.parts, part], [*self.left_out, *left_out])


async def diagnose(
    source: dagger.Directory, registry: str, token: dagger.Secret | None, where: Where, access: AwsAccess | None
) -> Diagnosis:
    """Look at a repository, with a token at what GitHub says of it, with credentials at AWS; what is left out is said.

    Args:
        source: the repository.
        registry: its registry's address instead of pipeline.yaml's; empty for none.
        token: for GitHub, if there is one.
        where: says on which GitHub a repository is.
        access: for AWS, if there are credentials.
    """
    try:
        description = await describe(source, registry)
    except InvalidDescription as error:
        reason = "all that pipeline.yaml describes: correct that first"
        return Diagnosis(from_errors("description", error), ["description"], [reason])
    found = Diagnosis(await _inside(source, description), ["description", *_INSIDE], [])
    asked = where(description)
    if asked:
        given = await stripped(token, "git-token")
        found = (
            found.and_("github", *await github(asked, description, given))
            if given
            else replace(found, left_out=["what GitHub says: give --git-token, one with actions: read"])
        )
    if access:
        answering = await aws_as(description.tools.curl, access)
        return found.and_("aws", *await aws(answering, description, asked.repository if asked else ""))
    return found if not repositories(description) else replace(found, left_out=[*found.left_out, _NO_CREDENTIALS])


async def _inside(source: dagger.Directory, description: Description) -> list[Finding]:
    """Return what is wrong as far as it can be seen from inside the repository."""
    folders = {description.manifests, *description.all_manifests}
    include = [f"{folder}/**/*.{ending}" for folder in sorted(folders) for ending in ("yaml", "yml")]
    include += [f"{folder}/overlays/*/{name}" for folder in description.all_manifests for name in FILES]
    include += [".github/workflows/*.yaml", ".github/workflows/*.yml"]
    files = await contents(dag.directory().with_directory("/", source, include=include))
    found = looked_at(description, files)
    return found + await _rendered(source, description, files, {one.where for one in found})


def looked_at(description: Description, files: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong by the description and the files alone."""
    overlays = {path: text for path, text in files.items() if path.rpartition("/")[2] in FILES}
    return [
        *(from_line("overlays", line) for line in disagreements(description, overlays)),
        *applications(description, files),
        *workflows(description, files),
        *tools(description),
    ]


async def _rendered(
    source: dagger.Directory, description: Description, files: Mapping[str, str], bad: set[str]
) -> list[Finding]:
    """Return the overlays that do not render to what they pin; those that are wrong already are left out."""
    box = await toolbox(description.tools).sync()

    async def check(place: tuple[str, str]) -> list[Finding]:
        service, environment = place
        overlay, image = description.overlay(service, environment), description.image_of(service)
        try:
            path = file_of(files, overlay)
            if path in bad or path not in files or not (pin := pinned(image, files[path], path)):
                return []
            check_rendered(image, pin, await rendering(box, source, overlay), path)
        except InvalidOverlay as error:
            return from_errors("overlays", error)
        except PipelineError as error:
            head = str(error).splitlines()
            return [Finding("overlays", overlay, " ".join(head[:1]), "see kustomize build " + overlay)]
        return []

    places = [(service.name, one.name) for service in description.services for one in description.environments]
    return [finding for findings in await side_by_side(check, places) for finding in findings]
