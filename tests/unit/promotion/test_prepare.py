"""What a promotion to several environments asks for, and in which order."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.description import Description, Environment, Service
from pipeline.overlays import Pin
from pipeline.promotion.decide import Refused
from pipeline.promotion.intent import intend
from pipeline.promotion.prepare import prepare
from pipeline.referrers import Tree

DESCRIPTION = Description(
    project="shop",
    registry="r.example.com",
    repository="https://git.example.com/acme/shop",
    branch="main",
    manifests="manifests",
    environments=(Environment("dev"), Environment("eu", "dev"), Environment("us", "dev")),
    services=(Service("api", "services/api"), Service("web", "services/web")),
)
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def depths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of how many commits the branch is cloned; its dev runs v1.2.3 of api and v2.0.0 of web, and nothing else runs."""
    found: list[int] = []

    def pin(service: str, environment: str) -> Pin | None:
        tag = {"api": "v1.2.3", "web": "v2.0.0"}[service]
        return Pin(f"r.example.com/dev-shop-{service}", tag) if environment == "dev" else None

    async def read_branch(_remote: object, _description: object, *, depth: int) -> object:
        found.append(depth)
        return SimpleNamespace(pin=pin)

    async def listing(_copier: object, references: Iterable[str]) -> dict[str, Tree]:
        return {reference: Tree(A) for reference in references}

    monkeypatch.setattr("pipeline.promotion.prepare.read_branch", read_branch)
    monkeypatch.setattr("pipeline.promotion.carry.listing", listing)
    return found


class Workspace:
    """A registry, and edits that are not made."""

    def __init__(self, digests: dict[str, str], *, explaining: bool = False) -> None:
        self.description, self.explaining, self._digests = DESCRIPTION, explaining, digests
        self.asked: list[str] = []
        self.copier = self
        self.remote = None
        self.signature = SimpleNamespace(circumstances=SimpleNamespace(reason="why"))

    async def digests(self, references: Iterable[str], **_given: object) -> dict[str, str]:
        self.asked += references
        return {reference: digest for reference, digest in self._digests.items() if reference in self.asked}

    async def tags(self, _repository: str) -> list[str]:
        return ["v1.0.0"]

    async def draft(self, _tip: object, edits: Iterable[Any]) -> object:
        return SimpleNamespace(edits=list(edits), diff="", rendered_diff="")


def built(**images: str) -> dict[str, str]:
    return {f"r.example.com/dev-shop-{service}:{tag}": A for service, tag in images.items()}


@pytest.mark.usefixtures("depths")
async def test_all_that_stands_in_the_way_of_any_environment_is_told_at_once() -> None:
    images = built(api="v1.2.3") | {f"r.example.com/{name}-shop-api:v1.2.3": B for name in ("eu", "us")}
    workspace: Any = Workspace(images)
    with pytest.raises(Refused) as refused:
        await prepare(workspace, intend(DESCRIPTION, "v1.2.3", ["eu", "us"], []))
    assert [
        line.partition(" is there already")[0].partition(": build")[0] for line in str(refused.value).splitlines()
    ] == [
        "api: r.example.com/eu-shop-api:v1.2.3",
        "web: dev has no image r.example.com/dev-shop-web:v1.2.3",
        "api: r.example.com/us-shop-api:v1.2.3",
    ]
    assert "or choose one of v1.0.0" in str(refused.value)


@pytest.mark.parametrize("explaining", [False, True])
async def test_what_runs_is_read_before_the_registry_is_asked_for_it(depths: list[int], *, explaining: bool) -> None:
    workspace: Any = Workspace(built(api="v1.2.3", web="v2.0.0"), explaining=explaining)
    plan = (await prepare(workspace, intend(DESCRIPTION, "", ["eu", "us"], []))).plan
    assert depths == [0 if explaining else 1], "all commits are for who explains alone"
    assert len(workspace.asked) == len(set(workspace.asked)) == 6
    assert [(row.environment, row.service, row.tag, row.origin) for row in plan.rows] == [
        ("eu", "api", "v1.2.3", "dev"),
        ("eu", "web", "v2.0.0", "dev"),
        ("us", "api", "v1.2.3", "dev"),
        ("us", "web", "v2.0.0", "dev"),
    ]
    assert (plan.version, plan.environment, plan.origin, plan.reason) == ("v1.2.3, v2.0.0", "eu, us", "dev", "why")
