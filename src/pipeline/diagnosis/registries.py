"""What is wrong with registries in ECR: a repository is missing, a tag can be overwritten, layers are not mounted."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from pipeline.description import Description
from pipeline.registry import Ecr, ecr_of

from .finding import Finding

_RELEASE = "v1.2.3"  # stands for any


def repositories(description: Description) -> list[tuple[Ecr, str]]:
    """Return the repositories that the images lie in, as far as they are in ECR, each with its registry."""
    places = []
    for environment in description.environments:
        for service in description.services:
            repository = description.repository_of(service.name, environment.name)
            if place := ecr_of(description.registry_of(environment.name)):
                places.append((place, repository.partition("/")[2]))
    return list(dict.fromkeys(places))


def kept(name: str, answer: Any) -> Iterator[Finding]:
    """Yield what lets a release's tag be overwritten.

    Args:
        name: the repository's.
        answer: what ECR says of it under DescribeRepositories.
    """
    found = answer.get("repositories") if isinstance(answer, dict) else None
    one = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
    mutability = str(one.get("imageTagMutability"))
    filters = one.get("imageTagMutabilityExclusionFilters")
    excluded = any(
        fnmatchcase(_RELEASE, str(each.get("filter")))
        for each in (filters if isinstance(filters, list) else [])
        if isinstance(each, dict)
    )
    if (mutability.startswith("IMMUTABLE") and not excluded) or (mutability == "MUTABLE_WITH_EXCLUSION" and excluded):
        return
    cure = "apply terraform/global/ecr, or aws ecr put-image-tag-mutability --image-tag-mutability IMMUTABLE"
    yield Finding("aws", name, f"a release's tag can be overwritten: {mutability}", cure)


def missing(name: str) -> Finding:
    """Return what is wrong where a repository is not there."""
    return Finding("aws", name, "there is no such repository", "apply terraform/global/ecr")


def mounted(place: Ecr, answer: Any) -> Iterator[Finding]:
    """Yield that layers are copied where they could be mounted.

    Args:
        place: the registry.
        answer: what ECR says under GetAccountSetting of BLOB_MOUNTING.
    """
    if not (isinstance(answer, dict) and answer.get("value") == "ENABLED"):
        cure = "apply terraform/global/ecr, or aws ecr put-account-setting --name BLOB_MOUNTING --value ENABLED"
        where = f"{place.account} in {place.region}"
        yield Finding("aws", where, "a promotion uploads all layers again: blob mounting is off", cure)
