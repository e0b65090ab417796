"""How long is waited, what is final, and what is not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline.deployment import wait as module
from pipeline.deployment.application import Application
from pipeline.deployment.argocd import ArgoFailed, ArgoRefused, Server
from pipeline.deployment.goal import Goal
from pipeline.deployment.verdict import Relation
from pipeline.deployment.wait import NotDeployed, check_limit, require_applications, wait, wanted_limit
from pipeline.errors import InvalidInput, PipelineError

COMMIT = "a" * 40
GOOD = Application("Synced", "Healthy", (COMMIT,), "Succeeded", (COMMIT,))
DEGRADED = Application("Synced", "Degraded", (COMMIT,), "Succeeded", (COMMIT,))
PROGRESSING = Application("Synced", "Progressing", (COMMIT,), "Succeeded", (COMMIT,))
DOWN = ArgoFailed("Argo CD at argocd.example.com cannot be asked")

Look = Application | PipelineError | None


class Fake:
    """An Argo CD with one application: a look each, the last of which stays."""

    address = "https://argocd.example.com"

    def __init__(self, *looks: Look) -> None:
        self.looks = list(looks)
        self.refreshed = 0

    async def applications(self, names: Iterable[str]) -> dict[str, Application]:
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, PipelineError):
            raise look
        return dict.fromkeys(names, look) if look else {}

    async def refresh(self, names: Iterable[str]) -> None:  # noqa: ARG002  as the real one
        self.refreshed += 1

    async def messages(self, name: str) -> list[str]:  # noqa: ARG002  as the real one
        return ["Pod/a: Degraded: no such image"]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOKS", (0.0,))


async def waited(fake: Fake, seconds: float = 60, relation: Relation = Relation.CONTAINS) -> Any:
    async def relations(service: str, revisions: Sequence[str]) -> list[Relation]:
        return [relation for _ in revisions]

    applications: Mapping[str, str] = {"backend-stg": "backend"}
    goal = SimpleNamespace(
        applications=applications, relations=relations, commit=COMMIT, environment=SimpleNamespace(name="stg")
    )
    return await wait(cast("Server", fake), cast("Goal", goal), timedelta(seconds=seconds))


@pytest.mark.anyio
async def test_it_ends_when_all_have_arrived_whatever_was_in_between() -> None:
    fake = Fake(None, PROGRESSING, DEGRADED, PROGRESSING, DOWN, GOOD)
    done = await waited(fake)
    assert [line.verdict.why for line in done.lines] == ["Synced at aaaaaaaaaaaa, Healthy"]
    assert fake.refreshed == 1


@pytest.mark.anyio
async def test_what_is_degraded_in_two_looks_has_failed_and_can_be_undone() -> None:
    with pytest.raises(NotDeployed, match="backend-stg failed") as failed:
        await waited(Fake(PROGRESSING, DEGRADED, DEGRADED, GOOD))
    assert "    Pod/a: Degraded: no such image" in str(failed.value).splitlines()
    assert failed.value.can_be_undone


@pytest.mark.anyio
@pytest.mark.parametrize("look", [None, PROGRESSING], ids=["missing", "progressing"])
async def test_what_is_late_can_be_undone(look: Look) -> None:
    with pytest.raises(NotDeployed, match="backend-stg did not get there within 0 s") as late:
        await waited(Fake(look), 0)
    assert late.value.can_be_undone


@pytest.mark.anyio
async def test_nothing_is_undone_where_it_is_not_known_what_runs() -> None:
    with pytest.raises(NotDeployed, match="it is not known whether it runs: after 0 s, Argo CD at") as unknown:
        await waited(Fake(DOWN), 0)
    assert not unknown.value.can_be_undone


@pytest.mark.anyio
async def test_what_is_superseded_is_not_undone() -> None:
    with pytest.raises(NotDeployed, match="another change of backend-stg came after it") as superseded:
        await waited(Fake(GOOD), relation=Relation.SUPERSEDES)
    assert not superseded.value.can_be_undone


@pytest.mark.anyio
async def test_a_token_that_is_refused_ends_it_at_once() -> None:
    with pytest.raises(ArgoRefused, match="expired"):
        await waited(Fake(PROGRESSING, ArgoRefused("it may have expired"), GOOD))


@pytest.mark.anyio
async def test_applications_are_required_by_name() -> None:
    await require_applications(cast("Server", Fake(GOOD)), {"a": "a"})
    with pytest.raises(InvalidInput, match="has no applications a, b, or the token may not see them"):
        await require_applications(cast("Server", Fake(None)), {"a": "a", "b": "b"})


def test_limits() -> None:
    assert check_limit("10m", "wait") == timedelta(minutes=10)
    assert wanted_limit("", undo=False) is None
    for text in ("10", "0m", "1.5h", "m", "10 m", "-1m", "100000s"):
        with pytest.raises(InvalidInput, match="is no length of time: write 90s, 10m or 1h"):
            check_limit(text, "wait")
    with pytest.raises(InvalidInput, match="--undo needs --wait"):
        wanted_limit("", undo=True)
