"""Compare Argo CD's Applications with the description: names, paths, repository, branch, namespaces."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.description import Description
from pipeline.overlays import InvalidOverlay, file_of, namespace

from .finding import Finding
from .yaml_files import at, documents

_PART = "argo cd"


@dataclass(frozen=True, slots=True)
class Application:
    """An Application as it stands in a file."""

    file: str
    name: str
    path: str
    repository: str
    revision: str
    namespace: str


def applications(description: Description, files: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with the Applications; where there is none, they are somewhere else.

    Args:
        description: what there is to be.
        files: the manifests' contents by path.
    """
    found = list(_found(files))
    by_name = {one.name: one for one in found}
    by_path = {one.path: one for one in found}
    places = {
        description.application(service.name, environment.name): (service.name, environment.name)
        for environment in description.environments
        for service in description.services
    }
    overlays = {name: description.overlay(*place) for name, place in places.items()}
    if not by_name.keys() & places.keys() and not by_path.keys() & set(overlays.values()):
        return
    for name, overlay in overlays.items():
        if one := by_name.get(name):
            yield from _compared(description, files, one, overlay)
        elif (other := by_path.get(overlay)) and other.name not in places:
            cure = f"name it {name}, or write the pattern of the names as applications: in pipeline.yaml"
            yield Finding(_PART, other.file, f"the Application of {overlay} is named {other.name}", cure)
        else:
            cure = f"add one with path {overlay}, as the others are"
            yield Finding(_PART, name, "there is no Application of that name", cure)


def _compared(description: Description, files: Mapping[str, str], one: Application, overlay: str) -> Iterator[Finding]:
    where = f"{one.file} ({one.name})"
    if one.path.strip("/") != overlay:
        yield Finding(_PART, where, f"its path is {one.path or 'empty'}", f"write {overlay}")
    if one.repository.removesuffix(".git") != description.repository.removesuffix(".git"):
        yield Finding(_PART, where, f"it reads {one.repository or 'no repository'}", f"write {description.repository}")
    if one.revision not in {description.branch, f"refs/heads/{description.branch}"}:
        yield Finding(_PART, where, f"it follows {one.revision or 'HEAD'}", f"write {description.branch}")
    wanted = _namespace(files, overlay)
    if wanted and one.namespace != wanted:
        problem = f"its namespace is {one.namespace or 'empty'}, its overlay's {wanted}"
        yield Finding(_PART, where, problem, f"write {wanted}")


def _namespace(files: Mapping[str, str], overlay: str) -> str:
    """Return an overlay's namespace; empty if it has none, or has two files, which is told elsewhere."""
    try:
        return namespace(files.get(file_of(files, overlay), ""))
    except InvalidOverlay:
        return ""


def _found(files: Mapping[str, str]) -> Iterator[Application]:
    for file, text in files.items():
        if "Application" not in text:
            continue
        for document in documents(text):
            if document.get("kind") == "Application" and str(document.get("apiVersion")).startswith("argoproj.io/"):
                path = ("spec", "source")
                yield Application(
                    file,
                    _text(document, "metadata", "name"),
                    _text(document, *path, "path"),
                    _text(document, *path, "repoURL"),
                    _text(document, *path, "targetRevision"),
                    _text(document, "spec", "destination", "namespace"),
                )


def _text(document: Any, *path: str) -> str:
    found = at(document, *path)
    return found if isinstance(found, str) else ""
