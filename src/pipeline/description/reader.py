"""Read pipeline.yaml: everything that is wrong with it is reported at once."""

import re
from collections.abc import Collection
from posixpath import normpath
from urllib.parse import SplitResult, urlsplit

from pipeline.errors import InvalidDescription, hidden, shown
from pipeline.registry import is_address, is_label
from pipeline.tools import Tools

from . import keys
from .model import Description, Environment, Service
from .places import Found, Problems
from .read_environments import read_environments, read_registry
from .read_provenance import read_provenance
from .read_services import Dockerfiles, read_services
from .yaml_document import Mapping, compose

FILE = "pipeline.yaml"

_SCP = re.compile(r"[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:[A-Za-z0-9._~/-]+")  # git@host:owner/name
_SSH_USER = re.compile("(?<=^ssh://)[A-Za-z0-9_.-]+@")  # no secret
_URL_TEXT = re.compile(r"[!-~]+")


def read(text: str, files: Collection[str]) -> Description:
    """Read a pipeline.yaml.

    Args:
        text: the file's content.
        files: the paths of the Dockerfiles that there are; every service must have one.

    Raises:
        InvalidDescription: a line for each thing that is wrong, with the file's line and key.
    """
    description, problems, dockerfiles = _read(text)
    for path, at in dockerfiles.items():
        if path not in files:
            problems.add(at, f"there is no {path}: create it, or correct the path")
    lines = list(problems)
    if lines or description is None:
        raise InvalidDescription("\n".join(f"{FILE}: {line}" for line in lines))
    return description


def dockerfiles_of(text: str) -> list[str]:
    """Return the paths of the Dockerfiles that a pipeline.yaml names, as far as it can be read."""
    return list(_read(text)[2])


def _read(text: str) -> tuple[Description | None, Problems, Dockerfiles]:
    problems, dockerfiles = Problems(), Dockerfiles()
    root = compose(text, problems, keys.ROOT)
    return _description(root, dockerfiles, problems) if root else None, problems, dockerfiles


def _description(root: Mapping, dockerfiles: Dockerfiles, problems: Problems) -> Description:
    environments = read_environments(root.sections(keys.ENVIRONMENTS), problems)
    services = read_services(root.sections(keys.SERVICES), dockerfiles, problems)
    images, namespaces = root.text(keys.IMAGES_), root.text(keys.NAMESPACES)
    description = Description(
        project=root.text(keys.PROJECT).value,
        registry=read_registry(root.section(keys.REGISTRY), problems),
        repository=_repository(root.text(keys.REPOSITORY, checked=False), problems),
        branch=root.text(keys.BRANCH).value,
        manifests=normpath(root.text(keys.MANIFESTS).value or "."),
        environments=environments,
        services=services,
        tools=_tools(root.section(keys.TOOLS_)),
        images=images.value or keys.IMAGES,
        namespaces=namespaces.value,
        applications=root.text(keys.APPLICATIONS).value or keys.APPLICATIONS_,
        provenance=read_provenance(root.section(keys.PROVENANCE_), problems),
        board_on_pages=root.section(keys.BOARD).switch(keys.BOARD_PAGES),
    )
    if not list(problems):
        _check_images(description, images, problems)
        _check_namespaces(description, namespaces, problems)
    return description


def _tools(section: Mapping) -> Tools:
    return Tools(**{name: image.value for name, key in keys.TOOLS.items() if (image := section.text(key)).value})


def _check_images(description: Description, pattern: Found, problems: Problems) -> None:
    for environment, service in _places(description):
        repository = description.repository_of(service.name, environment.name)
        if not is_address(repository):
            problems.add(pattern.at, f"{shown(repository)} would be no image repository: write another pattern")
            return


def _check_namespaces(description: Description, pattern: Found, problems: Problems) -> None:
    for environment, service in _places(description):
        namespace = description.namespace(service.name, environment.name)
        if namespace and not is_label(namespace):
            problems.add(
                pattern.at, f"{shown(namespace)} would be no namespace: write a pattern of at most 63 characters"
            )
            return


def _places(description: Description) -> list[tuple[Environment, Service]]:
    return [(environment, service) for environment in description.environments for service in description.services]


def _repository(url: Found, problems: Problems) -> str:
    if not url.value or _SCP.fullmatch(url.value):
        return url.value
    parts = _split(url.value)
    local = parts is not None and parts.hostname in {"localhost", "127.0.0.1"}
    if "@" in _SSH_USER.sub("", url.value):  # anywhere: a "/" in a password ends the host by the standard
        problems.add(url.at, f"{hidden(url.value)} holds credentials: remove them, and give --git-token")
    elif not parts or not parts.path.strip("/") or parts.query or parts.fragment:
        problems.add(url.at, f"{hidden(url.value)} is no Git repository: write https://host/owner/name")
    elif not (parts.scheme in {"https", "ssh"} or (parts.scheme == "http" and local)) or not parts.hostname:
        problems.add(url.at, f"{hidden(url.value)} is not reached over https or ssh: write https://host/owner/name")
    return url.value


def _split(url: str) -> SplitResult | None:
    """Take a URL apart; None if it is none."""
    try:
        parts = urlsplit(url)
        return parts if _URL_TEXT.fullmatch(url) and parts.port != 0 else None
    except ValueError:  # a host in brackets that is none, or a port
        return None
