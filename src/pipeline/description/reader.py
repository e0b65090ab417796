"""Read pipeline.yaml: everything that is wrong with it is reported at once."""

import re
from collections.abc import Collection
from dataclasses import fields
from urllib.parse import SplitResult, urlsplit

from pipeline.errors import InvalidDescription, hidden, shown
from pipeline.registry import is_address, is_image, is_label
from pipeline.tools import Tools

from .model import Description, Environment, Service
from .yaml_document import Mapping, Problems, Text, compose

FILE = "pipeline.yaml"

_ACCOUNT = re.compile("[0-9]{12}")
_REGION = re.compile("[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}")
_PATH = re.compile(r"(?!/)(?!.*(?:^|/)\.\.?(?:/|$))[A-Za-z0-9._/-]*[A-Za-z0-9._-]")
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9][A-Za-z0-9._/-]*(?<![/.])")
_SCP = re.compile(r"[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:[A-Za-z0-9._~/-]+")  # git@host:owner/name
_SSH_USER = re.compile("(?<=^ssh://)[A-Za-z0-9_.-]+@")  # no secret
_URL_TEXT = re.compile(r"[!-~]+")


def read(text: str, dockerfiles: Collection[str]) -> Description:
    """Read a pipeline.yaml.

    Args:
        text: the file's content.
        dockerfiles: the paths of the Dockerfiles that there are; every context must have one.

    Raises:
        InvalidDescription: a line for each thing that is wrong, with the file's line and key.
    """
    problems = Problems()
    root = compose(text, problems)
    description = _description(root, dockerfiles, problems) if root else None
    lines = list(problems)
    if lines or description is None:
        raise InvalidDescription("\n".join(f"{FILE}: {line}" for line in lines))
    return description


def _description(root: Mapping, dockerfiles: Collection[str], problems: Problems) -> Description:
    project = _label(root.text("project"), problems)
    registry = _registry(root.mapping("registry"), problems)
    repository = _repository(root.text("repository"), problems)
    branch = _matching(root.text("branch"), _BRANCH, "is no branch name", problems)
    manifests = _matching(root.text("manifests"), _PATH, _NO_PATH, problems)
    environments = _environments(root.mappings("environments"), problems)
    services = _services(root.mappings("services"), dockerfiles, problems)
    tools = _tools(root.mapping("tools", required=False), problems)
    root.close()
    return Description(project, registry, repository, branch, manifests, environments, services, tools)


def _tools(section: Mapping, problems: Problems) -> Tools:
    given = {}
    for name in (field.name for field in fields(Tools)):
        image = section.text(name.replace("_", "-"), required=False)
        if image.value and not is_image(image.value):
            problems.add(image.at, f"{hidden(image.value)} is no image: write host[:port]/path:tag, or …@sha256:…")
        elif image.value:
            given[name] = image.value
    section.close()
    return Tools(**given)


def _registry(section: Mapping, problems: Problems) -> str:
    if section.has("address"):
        address = section.text("address")
        if address.value and not is_address(address.value):
            problems.add(address.at, f"{hidden(address.value)} is no registry address: write host[:port][/path]")
        for other in ("account", "region"):
            if section.has(other):
                problems.add(section.text(other, required=False).at, "says the same as address: keep one of them")
        section.close()
        return address.value
    account = _matching(section.text("account"), _ACCOUNT, "is no AWS account: write its 12 digits", problems)
    region = _matching(section.text("region"), _REGION, "is no AWS region, such as eu-central-1", problems)
    section.close()
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{suffix}"


def _repository(url: Text, problems: Problems) -> str:
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


def _environments(sections: list[Mapping], problems: Problems) -> tuple[Environment, ...]:
    found: dict[str, Text] = {}
    environments = []
    for index, section in enumerate(sections):
        name = section.text("name")
        _label(name, problems)
        _unique(name, found, problems)
        source = section.text("promotes-from", required=index > 0)
        if index == 0 and source.value:
            problems.add(source.at, "the first environment receives builds: remove the key")
        section.close()
        environments.append((Environment(name.value, source.value), source))
    sources = {environment.name: environment.promotes_from for environment, _ in environments}
    for environment, source in environments[1:]:
        if source.value and source.value not in sources:
            known = ", ".join(filter(None, sources))
            problems.add(source.at, f"there is no environment {shown(source.value)}: choose one of {known}")
        elif loop := _loop(environment.name, sources):
            problems.add(source.at, f"is a loop, {' <- '.join(loop)}: promote from an earlier environment")
    return tuple(environment for environment, _ in environments)


def _loop(start: str, sources: dict[str, str]) -> list[str]:
    """Follow the environments from one to those it promotes from, and return the way if it comes back."""
    way = [start]
    while source := sources.get(way[-1], ""):
        if source in way:
            return [*way, source] if source == start else []
        way.append(source)
    return []


def _services(sections: list[Mapping], dockerfiles: Collection[str], problems: Problems) -> tuple[Service, ...]:
    found: dict[str, Text] = {}
    services = []
    for section in sections:
        name = section.text("name")
        _label(name, problems)
        _unique(name, found, problems)
        context = section.text("context")
        before = len(problems.lines)
        _matching(context, _PATH, _NO_PATH, problems)
        dockerfile = f"{context.value.rstrip('/')}/Dockerfile"
        if context.value and len(problems.lines) == before and dockerfile not in dockerfiles:
            problems.add(context.at, f"there is no {dockerfile}: create it, or correct the path")
        section.close()
        services.append(Service(name.value, context.value.rstrip("/")))
    return tuple(services)


_NO_PATH = "is no path inside the repository: write it relative, without '..'"


def _label(name: Text, problems: Problems) -> str:
    if name.value and not is_label(name.value):
        problems.add(name.at, f"{shown(name.value)} is no DNS label: use a-z, 0-9 and inner '-', at most 63")
    return name.value


def _unique(name: Text, found: dict[str, Text], problems: Problems) -> None:
    if name.value in found:
        first = found[name.value].at.line
        problems.add(name.at, f"{shown(name.value)} is there twice, first in line {first}: rename one")
    elif name.value:
        found[name.value] = name


def _matching(text: Text, pattern: re.Pattern[str], complaint: str, problems: Problems) -> str:
    if text.value and not pattern.fullmatch(text.value):
        problems.add(text.at, f"{shown(text.value)} {complaint}")
    return text.value
