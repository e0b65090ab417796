"""Each fault of a repository is found, with its cure, and nothing else is; this repository has none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.description import read
from pipeline.diagnosis.diagnose import looked_at
from pipeline.diagnosis.finding import Finding, from_errors
from pipeline.errors import InvalidDescription

ROOT = Path(__file__).parents[3]
FOLDERS = ("manifests/**/*.yaml", ".github/workflows/*.yaml")
DOCKERFILES = {"services/backend/Dockerfile", "services/frontend/Dockerfile"}
OVERLAY = "manifests/backend/overlays/stg/kustomization.yaml"
APPLICATION = "manifests/argocd/applications/backend-stg.yaml"
PROMOTE = ".github/workflows/promote.yaml"
REPOSITORY = "https://github.com/acme/myapp"

Files = dict[str, str]


@pytest.fixture
def files() -> Files:
    """The files of this repository that matter, by path."""
    found = {path for pattern in FOLDERS for path in ROOT.glob(pattern)} | {ROOT / "pipeline.yaml"}
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in found}


def diagnosed(files: Files) -> list[Finding]:
    try:
        return looked_at(read(files["pipeline.yaml"], DOCKERFILES), files)
    except InvalidDescription as error:
        return from_errors("description", error)


def edited(path: str, old: str, new: str) -> Callable[[Files], None]:
    def edit(files: Files) -> None:
        assert old in files[path]
        files[path] = files[path].replace(old, new)

    return edit


def removed(path: str) -> Callable[[Files], None]:
    return lambda files: files.__delitem__(path)


def added(path: str, like: str) -> Callable[[Files], None]:
    return lambda files: files.__setitem__(path, files[like])


def test_nothing_is_wrong_here(files: Files) -> None:
    assert diagnosed(files) == []


@pytest.mark.parametrize(
    ("fault", "part", "where", "says"),
    [
        (edited("pipeline.yaml", "promotes-from: stg", "promote-from: stg"),
         "description", "pipeline.yaml",
         ("'promote-from' is no key here", "did you mean promotes-from? use name, promotes-from")),
        (edited("pipeline.yaml", "services/backend}", "services/back}"),
         "description", "pipeline.yaml",
         ("there is no services/back/Dockerfile", "create it, or correct the path")),
        (removed(OVERLAY),
         "overlays", OVERLAY,
         ("is missing", "add it, see the other overlays")),
        (added("manifests/backend/overlays/qa/kustomization.yaml", OVERLAY),
         "overlays", "manifests/backend/overlays/qa/kustomization.yaml",
         ("is of no environment", "add qa to the")),
        (edited(OVERLAY, "stg-myapp-backend", "stg-shop-backend"),
         "overlays", OVERLAY,
         ("stg-shop-backend for backend", "stg-myapp-backend")),
        (edited(OVERLAY, "images:\n- name: backend", "images:\n- name: api"),
         "overlays", OVERLAY,
         ("must have one entry under images: with name: backend", "add it, see the other overlays")),
        (edited("pipeline.yaml", "branch: main", "branch: main\ntools: {kustomize: 'example.com/kustomize:v5.3.0'}"),
         "tools", "pipeline.yaml",
         ("tools.kustomize is example.com/kustomize:v5.3.0", "take 5.4 or later")),
        (edited(PROMOTE, "options: [stg, prod]", "options: [stg]"),
         "workflows", f"{PROMOTE} (target_env)",
         ("it does not offer the environment prod", "add it to the options")),
        (edited(PROMOTE, "options: [stg, prod]", "options: [stg, prod, qa]"),
         "workflows", f"{PROMOTE} (target_env)",
         ("it offers qa, which is no environment", "remove it, or add it to")),
        (edited(APPLICATION, "overlays/stg", "overlays/staging"),
         "argo cd", f"{APPLICATION} (backend-stg)",
         ("its path is manifests/backend/overlays/staging", "write manifests/backend/overlays/stg")),
        (edited(APPLICATION, REPOSITORY, "https://github.com/acme/fork"),
         "argo cd", f"{APPLICATION} (backend-stg)",
         ("it reads https://github.com/acme/fork", f"write {REPOSITORY}")),
        (edited(APPLICATION, "targetRevision: main", "targetRevision: HEAD"),
         "argo cd", f"{APPLICATION} (backend-stg)",
         ("it follows HEAD", "write main")),
        (edited(APPLICATION, "namespace: backend-stg", "namespace: backend"),
         "argo cd", f"{APPLICATION} (backend-stg)",
         ("its namespace is backend, its overlay's backend-stg", "write back")),
        (edited(APPLICATION, "name: backend-stg", "name: stg-backend"),
         "argo cd", APPLICATION,
         ("the Application of manifests/backend/overlays/stg is named stg-backend",
          "name it backend-stg, or write the pattern")),
        (removed(APPLICATION),
         "argo cd", "backend-stg",
         ("there is no Application of that name", "add one with path manifests/backend")),
    ],
)  # fmt: skip
def test_a_fault_is_found_with_its_cure_and_nothing_else(
    files: Files, fault: Callable[[Files], None], part: str, where: str, says: tuple[str, str]
) -> None:
    fault(files)
    found = diagnosed(files)
    assert [(one.part, one.where) for one in found] == [(part, where)]
    problem, cure = says
    assert problem in found[0].problem
    assert cure in found[0].cure


def test_applications_and_workflows_that_are_elsewhere_are_no_fault(files: Files) -> None:
    overlays = {path: text for path, text in files.items() if "argocd" not in path and ".github" not in path}
    assert diagnosed(overlays) == []


def test_a_file_that_is_no_yaml_is_no_reason_to_stop(files: Files) -> None:
    files["manifests/argocd/broken.yaml"] = "kind: Application\n\t: {"
    files[".github/workflows/list.yaml"] = "- on\n- [workflow_dispatch]\n"
    assert diagnosed(files) == []
