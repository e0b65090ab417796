"""Check the overlays: that they say what pipeline.yaml says, and that each renders to it."""

import dagger

from pipeline.concurrency import side_by_side
from pipeline.description import Description
from pipeline.overlays import InvalidOverlay, check_rendered, file_of, kustomizations, pinned, rendering

from .agreement import disagreements


async def check_manifests(tools: dagger.Container, source: dagger.Directory, description: Description) -> None:
    """Refuse overlays that disagree with the description, or that kustomize renders to something else.

    Raises:
        InvalidOverlay: a line for each, with its path.
        EditFailed: kustomize cannot render one.
    """
    files = await kustomizations(source, description.all_manifests)
    if problems := disagreements(description, files):
        raise InvalidOverlay("\n".join(problems))

    async def check(place: tuple[str, str]) -> None:
        service, overlay = place
        path = file_of(files, overlay)
        manifests = await rendering(tools, source, overlay)
        image = description.image_of(service)
        if pin := pinned(image, files[path], path):
            check_rendered(image, pin, manifests, path)

    places = [
        (service.name, description.overlay(service.name, environment.name))
        for service in description.services
        for environment in description.environments
    ]
    await side_by_side(check, places)
