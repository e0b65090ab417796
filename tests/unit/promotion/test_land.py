"""How a change is proposed when others are at work: on the tip of now, with the text of the commit that is there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
import dagger
import pytest

from pipeline.errors import GitFailed
from pipeline.forge import ForgeFailed, Proposal, PullRequest
from pipeline.git import sign
from pipeline.overlays import Edit, Pin
from pipeline.promotion import Outcome, Tip, Workspace
from pipeline.promotion.draft import Draft
from pipeline.promotion.land import Change, land

EDIT = Edit("stg", "api", "api", "manifests/api/overlays/stg", Pin("r/stg-shop-api", "v1.2.3", "sha256:aa"))
OUTCOME = Outcome("promote", "v1.2.3", "stg", "dev", dry_run=False, changed=True, rows=[])
ADDRESS = "https://git.example.com/acme/shop/new"


@dataclass
class Remote:
    """A remote whose branch has what was pushed, or what others were faster with."""

    others: list[str] = field(default_factory=list)
    url: str = "https://git.example.com/acme/shop"
    pushed: list[str] = field(default_factory=list)

    async def propose(self, *_: object, branch: str, **__: object) -> tuple[str, str]:
        assert branch == "promote/stg"
        self.pushed.append(f"commit{len(self.pushed) + 1}")
        return self.pushed[-1], "said"

    async def at(self, _: str) -> str:
        return self.others.pop(0) if self.others else self.pushed[-1]


@dataclass
class Forge:
    """A forge that answers one after the other."""

    answers: list[PullRequest | ForgeFailed | None]
    proposals: list[Proposal] = field(default_factory=list)

    def options(self, _: str) -> list[str]:
        return []

    def address(self, _: str) -> str:
        return ADDRESS

    async def propose(self, proposal: Proposal, said: str) -> PullRequest | None:
        assert said == "said"
        self.proposals.append(proposal)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ForgeFailed):
            raise answer
        return answer


OPEN = PullRequest("promote/stg", "https://git.example.com/acme/shop/pull/7", "open", 7)


@pytest.fixture(autouse=True)
def clones(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The clones that were made, in place of cloning."""
    made: list[object] = []

    async def read_branch(*args: object) -> object:
        made.append(object())
        return made[-1]

    monkeypatch.setattr("pipeline.promotion.land.read_branch", read_branch)
    return made


def proposed(remote: Remote, forge: Forge, edits: Sequence[Sequence[Edit]] = ((EDIT,),)) -> Outcome:
    tips: list[Tip] = []

    async def prepare(tip: Tip) -> Draft:
        tips.append(tip)
        none = cast("dagger.Directory", None)
        return Draft(edits[min(len(tips), len(edits)) - 1], none, none)

    def report(done: Draft, commit: str) -> Outcome:
        return Outcome(**{**_fields(OUTCOME), "commit": commit, "changed": bool(done.edits)})

    change = Change(["stg"], [], prepare, lambda *_: "promote(stg): shop\n\nbody\n", report)
    none = cast("Any", None)
    workspace = Workspace(none, none, none, none, cast("Any", remote), sign("A <a@example.com>"), forge=forge)
    outcome = anyio.run(land, workspace, none, change)
    assert None not in tips  # the tip that copying began with is not good enough
    return outcome


def _fields(outcome: Outcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in outcome.__dataclass_fields__}


def test_it_is_proposed_on_the_tip_of_now_with_the_summary_as_its_text(clones: list[object]) -> None:
    remote, forge = Remote(), Forge([OPEN])
    outcome = proposed(remote, forge)
    assert (outcome.commit, outcome.pull_request) == ("commit1", OPEN)
    assert len(clones) == 1
    [proposal] = forge.proposals
    assert proposal.title == "promote(stg): shop"
    assert proposal.body.startswith("## promote v1.2.3: dev to stg")
    assert "committed commit1" in proposal.body
    assert proposal.body.splitlines()[-1].startswith("The branch `promote/stg` is the pipeline's own")


def test_where_nothing_is_left_to_change_nothing_is_pushed() -> None:
    remote, forge = Remote(), Forge([OPEN])
    outcome = proposed(remote, forge, [[]])
    assert (outcome.changed, outcome.commit, outcome.pull_request) == (False, "", None)
    assert (remote.pushed, forge.proposals) == ([], [])


def test_what_is_merged_between_the_look_and_the_pull_request_is_nothing_to_do() -> None:
    outcome = proposed(Remote(), Forge([None]), [[EDIT], []])
    assert (outcome.changed, outcome.commit, outcome.pull_request) == (False, "", None)


def test_one_whose_commit_was_replaced_meanwhile_is_proposed_again_so_that_text_and_commit_agree() -> None:
    remote, forge = Remote(["another's"]), Forge([OPEN])
    assert proposed(remote, forge).commit == "commit2"
    assert [proposal.commit for proposal in forge.proposals] == ["commit1", "commit2"]


def test_a_branch_that_was_merged_and_deleted_at_once_is_not_replaced() -> None:
    merged = PullRequest("promote/stg", OPEN.url, "merged", 7, merged="squashed")
    remote = Remote([""])
    outcome = proposed(remote, Forge([merged]))
    assert (outcome.commit, outcome.pull_request) == ("squashed", merged)
    assert remote.pushed == ["commit1"]


def test_others_who_are_faster_every_time_are_told() -> None:
    with pytest.raises(GitFailed, match=r"\(promote/stg\): others proposed something else 5 times: run again"):
        proposed(Remote(["another's"] * 9), Forge([OPEN]))


def test_a_forge_that_fails_after_the_push_leaves_a_branch_that_is_named_with_what_to_do() -> None:
    with pytest.raises(ForgeFailed) as raised:
        proposed(Remote(), Forge([ForgeFailed("down")]))
    assert str(raised.value).splitlines() == [
        "down",
        f"Committed already: commit1 on promote/stg: run again to finish, or open a pull request at {ADDRESS}",
    ]
