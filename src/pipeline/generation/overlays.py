"""Overlays that are missing: a new environment's, after the one it promotes from; a new service's, after another's."""

import re
from collections.abc import Mapping

from pipeline.description import Description, Environment, Service
from pipeline.overlays import Edit, Pin, file_of, namespace, pinned, written

UNRELEASED = "v0.0.0"  # what an overlay pins that nothing was promoted to yet


def overlays(description: Description, files: Mapping[str, str]) -> dict[str, str]:
    """Return the files of all overlays, and of bases, that are missing, by path; none where there is no pattern."""
    made: dict[str, str] = {}
    for service in description.services:
        if not any(_exists(description, files, service, environment) for environment in description.environments):
            made |= _like_another(description, {**files, **made}, service)
    for service in description.services:
        for environment in description.in_order_of_promotion:
            if not _exists(description, {**files, **made}, service, environment):
                made |= _like_its_source(description, {**files, **made}, service, environment)
    return made


def _exists(description: Description, files: Mapping[str, str], service: Service, environment: Environment) -> bool:
    return file_of(files, description.overlay(service.name, environment.name)) in files


def _like_another(description: Description, files: Mapping[str, str], service: Service) -> dict[str, str]:
    """Return a service's base and overlays, as the first service has them that has any."""
    for other in description.services:
        there = [one for one in description.environments if _exists(description, files, other, one)]
        if other != service and there:
            break
    else:
        return {}
    old, new = description.manifests_of(other.name), description.manifests_of(service.name)
    names = {
        description.image_of(other.name): description.image_of(service.name),
        other.name: service.name,
        description.project: description.project,  # it may have the service's name in it
    }
    made = {
        new + path.removeprefix(old): renamed(text, names)
        for path, text in files.items()
        if path.startswith(f"{old}/") and new + path.removeprefix(old) not in files
    }
    for environment in there:
        made |= _pinning(description, {**files, **made}, service, environment)
    return made


def _like_its_source(
    description: Description, files: Mapping[str, str], service: Service, environment: Environment
) -> dict[str, str]:
    """Return a service's overlay of an environment, after that of the one it promotes from, or else any."""
    nearest = sorted(
        (one for one in description.in_order_of_promotion if _exists(description, files, service, one)),
        key=lambda one: one.name != environment.promotes_from,
    )
    if not nearest:
        return {}
    other = nearest[0]
    old, new = (description.overlay(service.name, one.name) for one in (other, environment))
    names = {
        space: description.namespace(one.name, environment.name) or _of(space, other.name, environment.name)
        for one in description.services
        if (space := namespace(files.get(file_of(files, description.overlay(one.name, other.name)), "")))
    }
    made = {
        new + path.removeprefix(old): renamed(text, names) for path, text in files.items() if path.startswith(f"{old}/")
    }
    return made | _pinning(description, {**files, **made}, service, environment)


def _of(text: str, old: str, new: str) -> str:
    """Return a namespace of no pattern for another environment."""
    return renamed(text, {old: new})


def _pinning(
    description: Description, files: Mapping[str, str], service: Service, environment: Environment
) -> dict[str, str]:
    """Return an overlay's file with its own repository, and the tag of what never ran."""
    overlay = description.overlay(service.name, environment.name)
    path, image = file_of(files, overlay), description.image_of(service.name)
    pinned(image, files[path], path)
    pin = Pin(description.repository_of(service.name, environment.name), UNRELEASED)
    return {path: written(files[path], Edit(environment.name, service.name, image, overlay, pin).entry, path)}


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return a text with whole words renamed, the longest first."""
    known = sorted(filter(None, names), key=len, reverse=True)
    pattern = "|".join(map(re.escape, known))
    return (
        re.sub(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])", lambda word: names[word[0]], text) if known else text
    )
