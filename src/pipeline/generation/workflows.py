"""GitHub's workflows: their choices, paths and branches; one for each service's pull requests; the board's."""

from collections.abc import Mapping
from pathlib import Path

from pipeline.description import PIPELINE, PULL_REQUEST, Description, Service

from .fill import Values, fill, flow, scalar

FOLDER = ".github/workflows"
_MARK = "# pipeline.yaml: "
_BOARD = f"{FOLDER}/board.yaml"
_HERE = Path(__file__).parent


def workflows(description: Description, files: Mapping[str, str]) -> dict[str, str]:
    """Return the workflows as they have to be, by path.

    A repository that has none with marked places keeps to another CI: nothing is written there.
    """
    marked = {path: text for path, text in files.items() if path.startswith(f"{FOLDER}/") and _MARK in text}
    if not marked:
        return {}
    values = _values(description)
    wanted = {
        _path(service): _template("ci.yaml").replace("{service}", service.name) for service in description.services
    }
    if description.board_on_pages:
        wanted[_BOARD] = _template("board.yaml")
    missing = {path: text for path, text in wanted.items() if path not in files}
    return {path: fill(text, values, path) for path, text in (marked | missing).items()}


def _values(description: Description) -> Values:
    first, names = description.first, [service.name for service in description.services]
    further = [environment.name for environment in description.in_order_of_promotion if environment != first]
    proposed = [environment for environment in description.environments if environment.changes_by == PULL_REQUEST]
    commits = first.deployed_by == PIPELINE
    return {
        "branch": flow([description.branch]),
        "overlays": flow([f"{folder}/overlays/**" for folder in description.all_manifests]),
        "first environment": first.name,
        "environments to change": flow(further),
        "services": scalar(f"Which services, with commas in between: {','.join(names)}; all of them if empty"),
        "contents of a build": "write" if commits else "read",
        "pull requests": "write" if proposed else "none",
        "pull requests of a build": "write" if commits and first in proposed else "none",
        **{f"paths of {service.name}": _paths(service) for service in description.services},
    }


def _paths(service: Service) -> str:
    context = "**" if service.context == "." else f"{service.context}/**"
    return flow([context, _path(service)])


def _path(service: Service) -> str:
    return f"{FOLDER}/ci-{service.name}.yaml"


def _template(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
