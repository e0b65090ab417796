"""What a repository begins with of this project's own: the module, workflows, Terraform, what Argo CD needs."""

import re
from collections.abc import Mapping

import yaml

from pipeline.description import FILE, Description
from pipeline.registry import Ecr, ecr_of

from .overlays import renamed

WORKFLOWS = ("build-images", "promote", "release", "rollback")
_ARGOCD = "manifests/argocd/"
_AWS_ONLY = (
    *(_ARGOCD + folder for folder in ("clusters", "image-updater", "pull-secret")),
    *(f"terraform/{folder}/" for folder in ("global/ecr", "global/iam", "modules/ecr")),
)

MODULE = ["dagger.json", "pyproject.toml", "requirements.lock", "src/pipeline/**", "daggerw", "engine/**"]
"""The module, and the engine for machines without one, as patterns."""

TEXTS = [
    *(FILE, ".trivyignore.yaml", ".github/actionlint.yaml", ".github/zizmor.yml", ".github/actions/**"),
    *(f".github/workflows/{name}.yaml" for name in WORKFLOWS),
    *("terraform/**", f"{_ARGOCD}**"),
]
"""What is filled with a repository's own names, as patterns."""

NOT_TEXTS = ["terraform/modules/pipeline/tests", "**/.terraform", f"{_ARGOCD}applications/*-*.yaml"]
"""What of these is this project's own."""


def texts(pattern: Mapping[str, str], description: Description) -> dict[str, str]:
    """Return the files that a repository begins with, by path, under its own names.

    Marked places are as they are in this project: `generated` fills them.

    Args:
        pattern: the files of this project by `TEXTS`; empty where the module was copied without them.
        description: what there is to be.
    """
    registry = ecr_of(description.registry)
    names = _names(pattern.get(FILE, ""), description, registry)
    made = {
        path: renamed(text, names)
        for path, text in pattern.items()
        if path != FILE and (registry or not path.startswith(_AWS_ONLY))
    }
    listed = f"{_ARGOCD}kustomization.yaml"
    if not registry and listed in made:
        made[listed] = re.sub(r"^- (?:clusters|image-updater)\n", "", made[listed], flags=re.MULTILINE)
    return made


def _names(own: str, description: Description, registry: Ecr | None) -> dict[str, str]:
    """Return the names of this project, as its description says them, with those that replace them."""
    said = yaml.safe_load(own) if own else None
    if not isinstance(said, dict):
        return {}
    names = {said["repository"]: description.repository, said["project"]: description.project}
    if registry and isinstance(said["registry"], dict):
        given = {"account": registry.account, "region": registry.region}
        names |= {said["registry"].get(key): value for key, value in given.items()}
    return names
