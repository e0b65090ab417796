"""Compare the choices that workflows offer with the description: environments and services."""

from collections.abc import Collection, Iterator, Mapping

from pipeline.description import Description

from .finding import Finding
from .yaml_files import at, documents

_PART = "workflows"
_FOLDER = ".github/workflows/"


def workflows(description: Description, files: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the choices of `workflow_dispatch` that lack something, or offer what there is not.

    A list is one of environments or of services if it offers any of them.
    """
    environments = [environment.name for environment in description.environments]
    services = [service.name for service in description.services]
    for file, text in sorted(files.items()):
        if not file.startswith(_FOLDER):
            continue
        for name, options in _choices(text):
            where = f"{file} ({name})"
            if set(options) & set(environments):
                wanted = [one for one in environments if one != description.first.name]
                yield from _compared(where, options, wanted, environments, "environment")
            elif set(options) & set(services):
                yield from _compared(where, options, services, [*services, "all"], "service")


def _compared(
    where: str, options: Collection[str], wanted: Collection[str], known: Collection[str], what: str
) -> Iterator[Finding]:
    if missing := [one for one in wanted if one not in options]:
        yield Finding(_PART, where, f"it does not offer the {what} {', '.join(missing)}", "add it to the options")
    if extra := [one for one in options if one and one not in known]:
        cure = f"remove it, or add it to the {what}s of pipeline.yaml"
        yield Finding(_PART, where, f"it offers {', '.join(extra)}, which is no {what}", cure)


def _choices(text: str) -> Iterator[tuple[str, list[str]]]:
    for document in documents(text):
        inputs = at(document, "on", "workflow_dispatch", "inputs")
        for name, given in (inputs if isinstance(inputs, dict) else {}).items():
            options = at(given, "options")
            if isinstance(options, list):
                yield str(name), [str(option) for option in options]
