"""The provenance statement of an image: SLSA's, version 1, in an in-toto statement; where it comes from, what of."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

STATEMENT = "application/vnd.in-toto+json"
PREDICATE = "https://slsa.dev/provenance/v1"
PREDICATE_TYPE = "in-toto.io/predicate-type"  # the annotation by which BuildKit tells statements apart
BUILD_TYPE = "urn:pipeline:docker-build:v1"  # docs/reference.md says what its parameters are
LOCAL_BUILDER = "urn:pipeline:local"  # whoever builds outside of CI

_RUN = "/(?:runs|-/jobs|-/pipelines|builds?|jobs?)/"  # as GitHub, GitLab, and others name it
_HUB = re.compile("^docker.io/(?:library/)?")
_SCP = re.compile("([^/@]+@[^/:]+):(.+)")  # git@host:owner/name


@dataclass(frozen=True, slots=True)
class BaseImage:
    """An image that was built on: its reference without a digest, and the digest; empty if the engine tells none."""

    name: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an image was made from, and how. Of arguments and secrets there are the names alone.

    `commit` is empty where there is no history. `run` is the address of the CI run, empty outside of CI. Only which CI
    it is goes into the statement: whoever goes on where another run was stopped has to make the same one.
    """

    service: str
    tag: str
    repository: str
    commit: str
    context: str
    dockerfile: str
    target: str
    platforms: Sequence[str]
    arguments: Sequence[str]
    secrets: Sequence[str]
    bases: Sequence[BaseImage]
    run: str = ""


def statement(name: str, digest: str, origin: Origin) -> str:
    """Return the statement of an image; the same image and origin give the same text.

    Args:
        name: the image's repository.
        digest: the image's digest.
        origin: where it comes from.
    """
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": name, "digest": _digest(digest)}],
            "predicateType": PREDICATE,
            "predicate": {
                "buildDefinition": _definition(origin),
                "runDetails": {"builder": {"id": _builder(origin.run)}},
            },
        },
        sort_keys=True,
    )


def _definition(origin: Origin) -> dict[str, Any]:
    given = {
        "service": origin.service,
        "tag": origin.tag,
        "context": origin.context,
        "dockerfile": origin.dockerfile,
        "target": origin.target,
        "platforms": list(origin.platforms),
        "arguments": sorted(origin.arguments),
        "secrets": sorted(origin.secrets),
    }
    return {
        "buildType": BUILD_TYPE,
        "externalParameters": {key: value for key, value in given.items() if value},
        "resolvedDependencies": [_source(origin), *map(_base, origin.bases)],
    }


def _source(origin: Origin) -> dict[str, Any]:
    scp = _SCP.fullmatch(origin.repository)
    address = f"ssh://{scp[1]}/{scp[2]}" if scp else origin.repository
    found = {"name": "source", "uri": f"git+{address}@refs/tags/{origin.tag}"}
    return found | ({"digest": {"gitCommit": origin.commit}} if origin.commit else {})


def _base(base: BaseImage) -> dict[str, Any]:
    path, _, tag = base.name.rpartition(":") if ":" in base.name.rpartition("/")[2] else (base.name, "", "")
    uri = f"pkg:docker/{_HUB.sub('', path)}{f'@{tag}' if tag else ''}"
    return {"name": base.name, "uri": uri} | ({"digest": _digest(base.digest)} if base.digest else {})


def _builder(run: str) -> str:
    """Return the CI that a run is of: all of its address before the run's own part."""
    if not run:
        return LOCAL_BUILDER
    parts = urlsplit(run)
    return f"{parts.scheme}://{parts.netloc}{re.split(_RUN, parts.path)[0]}"


def _digest(digest: str) -> Mapping[str, str]:
    algorithm, _, value = digest.partition(":")
    return {algorithm: value}
