"""Tell which overlay disagrees with pipeline.yaml. Nothing happens here."""

from collections.abc import Iterable, Mapping

from pipeline.description import Description
from pipeline.overlays import InvalidOverlay, file_of, namespace, pinned


def disagreements(description: Description, files: Mapping[str, str]) -> list[str]:
    """Return a line for everything that differs, each beginning with the overlay's path.

    Args:
        description: what there is to be.
        files: what there is, the contents of overlays' kustomization files by path; those of no service do not matter.
    """
    wanted = {
        description.overlay(service.name, environment.name): (service.name, environment.name)
        for service in description.services
        for environment in description.environments
    }
    ours = tuple(f"{folder}/overlays/" for folder in description.all_manifests)
    return [
        *(line for overlay, place in wanted.items() for line in _problems(description, files, overlay, place)),
        *(_extra(path) for path in sorted(files) if path.rpartition("/")[0] not in wanted and path.startswith(ours)),
    ]


def _problems(
    description: Description, files: Mapping[str, str], overlay: str, place: tuple[str, str]
) -> Iterable[str]:
    service, environment = place
    try:
        path = file_of(files, overlay)
    except InvalidOverlay as error:
        yield str(error)
        return
    text = files.get(path)
    if text is None:
        yield f"{path} is missing: {environment} is among the environments; add it, see the other overlays"
        return
    wanted = description.namespace(service, environment)
    if wanted and namespace(text) != wanted:
        yield f"{path} has namespace: {namespace(text) or 'nothing'}: write {wanted}"
    try:
        pin = pinned(description.image_of(service), text, path)
    except InvalidOverlay as error:
        yield str(error)
        return
    repository = description.repository_of(service, environment)
    if pin is None or pin.repository != repository:
        has = f"newName: {pin.repository}" if pin else "no newName with a newTag or digest"
        yield f"{path} has {has} for {service}: write {repository}"


def _extra(path: str) -> str:
    environment = path.split("/")[-2]
    return f"{path} is of no environment: add {environment} to the environments, or remove the folder"
