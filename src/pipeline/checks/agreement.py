"""Tell which overlay disagrees with pipeline.yaml. Nothing happens here."""

from collections.abc import Iterable, Mapping

from pipeline.description import Description
from pipeline.overlays import FILE, InvalidOverlay, namespace, pinned


def disagreements(description: Description, files: Mapping[str, str]) -> list[str]:
    """Return a line for everything that differs, each beginning with the overlay's path.

    Args:
        description: what there is to be.
        files: what there is, the contents of all overlays' kustomization.yaml by path.
    """
    wanted = {
        f"{description.overlay(service.name, environment.name)}/{FILE}": (service.name, environment.name)
        for service in description.services
        for environment in description.environments
    }
    return [
        *(line for path, place in wanted.items() for line in _problems(description, files.get(path), path, place)),
        *(_extra(description, path) for path in sorted(files) if path not in wanted),
    ]


def _problems(description: Description, text: str | None, path: str, place: tuple[str, str]) -> Iterable[str]:
    service, environment = place
    if text is None:
        yield f"{path} is missing: {environment} is among the environments; add it, see the other overlays"
        return
    if namespace(text) != f"{service}-{environment}":
        yield f"{path} has namespace: {namespace(text) or 'nothing'}: write {service}-{environment}"
    try:
        pin = pinned(service, text, path)
    except InvalidOverlay as error:
        yield str(error)
        return
    repository = description.repository_of(service, environment)
    if pin is None or pin.repository != repository:
        has = f"newName: {pin.repository}" if pin else "no newName with a newTag or digest"
        yield f"{path} has {has} for {service}: write {repository}"


def _extra(description: Description, path: str) -> str:
    service, _, environment, _ = path.removeprefix(f"{description.manifests}/").split("/")
    if service not in {known.name for known in description.services}:
        return f"{path} is of no service: add {service} to the services, or remove the folder"
    return f"{path} is of no environment: add {environment} to the environments, or remove the folder"
