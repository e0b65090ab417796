"""What commits are looked for: between which images, and of which paths."""

from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.description import Description, Environment, Service
from pipeline.materials import Materials
from pipeline.promotion.explain import explain, paths
from pipeline.promotion.outcome import Outcome, Row
from pipeline.referrers import Tree

DESCRIPTION = Description(
    project="shop",
    registry="r.example.com",
    repository="https://git.example.com/acme/shop",
    branch="main",
    manifests="manifests",
    environments=(Environment("dev"), Environment("stg", "dev")),
    services=(Service("api", "services/api", platforms=("linux/arm64",)), Service("web", ".")),
)
DIGEST = f"sha256:{'a' * 64}"
API = Row(
    "api", "r.example.com/dev-shop-api:v2.0.0", "r.example.com/stg-shop-api:v2.0.0", DIGEST, copied=True,
    previous="v1.0.0", running="old.example.com/api:v1.0.0@sha256:bb", environment="stg", origin="dev",
)  # fmt: skip

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_of_the_whole_repository_the_manifests_do_not_count() -> None:
    manifests = [":(exclude,top,literal)manifests/api", ":(exclude,top,literal)manifests/web"]
    assert paths(DESCRIPTION, "api") == [":(top,literal)services/api", *manifests]
    assert paths(DESCRIPTION, "web") == [":(top,literal)", *manifests]


async def test_images_are_asked_by_digest_where_they_are_today_and_what_does_not_say_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[list[str]] = []
    asked: list[tuple[str, str]] = []

    async def labels(reference: str, platform: str) -> dict[str, str]:
        asked.append((reference, platform))
        return {"org.opencontainers.image.revision": "main"} if "dev" in reference else {}

    async def materials(_: object, references: dict[str, None], *, known: object) -> dict[str, Materials]:
        read.append(list(references))
        return dict.fromkeys(references, Materials(problem="no SBOM is attached", is_bare=True))

    monkeypatch.setattr("pipeline.promotion.explain.read", materials)
    workspace: Any = SimpleNamespace(description=DESCRIPTION, copier=SimpleNamespace(labels=labels))
    rows = [
        API,
        Row("web", "s:v2.0.0", "t:v2.0.0", DIGEST, copied=True, previous="", environment="stg"),
        Row("web", "s:v2.0.0", "t:v2.0.0", DIGEST, True, "v2.0.0", f"t:v2.0.0@{DIGEST}", environment="same"),
    ]
    found = await explain(workspace, Any, Outcome("promote", "v2.0.0", "stg", "dev", True, True, rows))  # type: ignore[arg-type]
    assert {place: commits.problem for place, commits in found.commits.items()} == {
        ("stg", "api"): "the image of v1.0.0 does not say its commit",
        ("stg", "web"): "nothing ran before",
    }
    assert set(asked) == {
        ("r.example.com/stg-shop-api@sha256:bb", "linux/arm64"),
        (f"r.example.com/dev-shop-api@{DIGEST}", "linux/arm64"),
        (f"s@{DIGEST}", ""),
    }
    running, comes = "r.example.com/stg-shop-api@sha256:bb", f"r.example.com/dev-shop-api@{DIGEST}"
    assert read == [[running, comes]], "where nothing ran before, nothing is read"
    assert {place: each.problem for place, each in found.packages.items()} == {
        ("stg", "api"): "no SBOM is attached to v1.0.0 and v2.0.0"
    }


async def test_where_nothing_is_attached_to_what_comes_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async def labels(*_: str) -> dict[str, str]:
        return {}

    async def materials(_: object, references: dict[str, None], **_known: object) -> dict[str, Materials]:
        assert not references
        return {}

    monkeypatch.setattr("pipeline.promotion.explain.read", materials)
    workspace: Any = SimpleNamespace(description=DESCRIPTION, copier=SimpleNamespace(labels=labels))
    outcome = Outcome("promote", "v2.0.0", "stg", "dev", dry_run=True, changed=True, rows=[API])
    attached = {f"r.example.com/dev-shop-api@{DIGEST}": Tree(DIGEST)}
    found = await explain(workspace, Any, outcome, attached)  # type: ignore[arg-type]
    assert found.packages["stg", "api"].problem == "no SBOM is attached to v2.0.0"
