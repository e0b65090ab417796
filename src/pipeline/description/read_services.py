"""Read the services of pipeline.yaml."""

from posixpath import join, normpath

from pipeline.errors import shown

from . import keys
from .model import Check, Service
from .places import Found, Place, Problems
from .yaml_document import Mapping, unique

Dockerfiles = dict[str, Place]  # paths in the repository, and where pipeline.yaml names them


def read_services(sections: list[Mapping], dockerfiles: Dockerfiles, problems: Problems) -> tuple[Service, ...]:
    """Return the services, and note the Dockerfiles that there must be."""
    names: dict[str, Found] = {}
    return tuple(_service(section, names, dockerfiles, problems) for section in sections)


def _service(section: Mapping, names: dict[str, Found], dockerfiles: Dockerfiles, problems: Problems) -> Service:
    name = unique(section.text(keys.SERVICE_NAME), names, problems)
    context, dockerfile = section.text(keys.CONTEXT), section.text(keys.DOCKERFILE)
    manifests = section.text(keys.SERVICE_MANIFESTS).value
    return Service(
        name,
        normpath(context.value or "."),
        "" if context.wrong or dockerfile.wrong else _dockerfile(context, dockerfile, dockerfiles, problems),
        section.text(keys.TARGET).value,
        section.table(keys.ARGS),
        section.texts(keys.SECRETS),
        section.text(keys.IMAGE_NAME).value,
        normpath(manifests) if manifests else "",
        section.texts(keys.PLATFORMS),
        _checks(section, problems) if section.has(keys.CHECKS) else None,
    )


def _checks(section: Mapping, problems: Problems) -> tuple[Check, ...]:
    items = section.mixed(keys.CHECKS)
    checks = [
        Check(target=item.text(keys.CHECK_TARGET).value) if isinstance(item, Mapping) else Check(item) for item in items
    ]
    for check in checks:
        if checks.count(check) > 1 and check != Check():
            problems.add(section.place(keys.CHECKS), f"{shown(check.language or check.target)} is there twice")
            break
    return tuple(checks)


def _dockerfile(context: Found, given: Found, dockerfiles: Dockerfiles, problems: Problems) -> str:
    """Return the path of a service's Dockerfile within its context; empty if it has the usual name there."""
    if not context.value:
        return ""
    folder = normpath(context.value)
    path = normpath(given.value or join(folder, "Dockerfile"))
    at = (given if given.value else context).at
    if folder != "." and not path.startswith(f"{folder}/"):
        problems.add(at, f"{shown(path)} is not inside of the context {folder}: write its path in the repository")
    else:
        dockerfiles.setdefault(path, at)
    within = path if folder == "." else path.removeprefix(f"{folder}/")
    return "" if within == "Dockerfile" else within
