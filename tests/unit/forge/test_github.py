"""Pull requests on GitHub, against the emulated API and a bare repository: what is opened, changed, merged, refused."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import anyio
import dagger
import pytest
from support.github import GitHub as Emulated
from support.github_pulls import Pulls
from support.github_route import Request
from support.workspace import git

from pipeline.forge.github import GitHub
from pipeline.forge.http import Answer, Api, ForgeFailed
from pipeline.forge.place import place
from pipeline.forge.pull_request import Proposal, PullRequest

REPOSITORY, BRANCH = "acme/shop", "promote/stg"
TITLE = "promote(stg): shop v1.2.3"
MESSAGE = f"{TITLE}\n\nbackend  v1.2.2 -> v1.2.3\n\nPromoted-To: stg\n"
Answering = Callable[[Request], tuple[int, Any] | None]


class Direct(Api):
    """Asks the emulation without a network, as whoever has a token."""

    emulated: Emulated
    token: str

    async def _once(self, method: str, url: str, body: Mapping[str, Any] | None) -> Answer:
        parts = urlsplit(url)
        request = Request(method, parts.path, dict(parse_qsl(parts.query)), body)
        status, content = self.emulated.answer(request, self.token)
        pause = float(self.emulated.retry_after) if self.emulated.retry_after and status in {403, 429, 503} else None
        return Answer(status, json.dumps(content), pause)


class Scene:
    """A repository with the branch of a proposal, and the forge to propose it to."""

    def __init__(self, root: Path) -> None:
        self.work = root / "work"
        git(root, "init", "--quiet", "--bare", "--initial-branch=main", str(root / f"{REPOSITORY}.git"))
        git(root, "clone", "--quiet", str(root / f"{REPOSITORY}.git"), "work")
        self.remote = root / f"{REPOSITORY}.git"
        self._write("v1.2.2", "Start", "main")
        self.emulated = Emulated("writer", "reader", Pulls(root))
        self.pulls = self.emulated.pulls.of(REPOSITORY)
        self.forge = self._forge("writer", auto_merge=False)

    def _forge(self, token: str, *, auto_merge: bool) -> GitHub:
        api = Direct(cast("dagger.Container", None), "http://localhost")
        api.__dict__.update(emulated=self.emulated, token=token)
        return GitHub(api, place(f"http://localhost/{REPOSITORY}", REPOSITORY), "main", auto_merge)

    def _write(self, text: str, message: str, branch: str) -> str:
        (self.work / "overlay").write_text(f"{text}\n")
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", f"--message={message}")
        git(self.work, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}")
        return git(self.work, "rev-parse", "HEAD")

    def pushed(self, version: str = "v1.2.3") -> Proposal:
        """Put a commit on the branch of its own, on the tip."""
        git(self.work, "fetch", "--quiet")
        git(self.work, "reset", "--quiet", "--hard", "origin/main")
        message = MESSAGE.replace("v1.2.3", version)
        commit = self._write(version, message, BRANCH)
        return Proposal(BRANCH, commit, message, f"## {version}\n\ncommitted {commit}")

    def propose(self, proposal: Proposal, forge: GitHub | None = None) -> PullRequest | None:
        """Let the forge make a pull request of it."""
        return anyio.run((forge or self.forge).propose, proposal, "")

    def merging(self) -> GitHub:
        """The forge that merges what it can."""
        return replace(self.forge, auto_merge=True)

    def reading(self) -> GitHub:
        """The forge with a token that may only read."""
        return self._forge("reader", auto_merge=False)

    def asked(self) -> list[str]:
        """What was asked for since the last time, without what only reads."""
        methods = [request.method for request in self.emulated.requests if request.method != "GET"]
        self.emulated.requests.clear()
        return methods


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_one_is_opened_and_the_same_again_changes_nothing(scene: Scene) -> None:
    proposal = scene.pushed()
    page = f"https://github.com/{REPOSITORY}/pull/1"
    opened = PullRequest(BRANCH, page, "open", 1)
    assert scene.propose(proposal) == opened
    assert (scene.pulls[0]["title"], scene.pulls[0]["body"]) == (TITLE, proposal.body)
    assert scene.asked() == ["POST"]
    assert scene.propose(replace(proposal, body=f"{proposal.body}, copied before")) == opened
    assert scene.asked() == []


def test_what_supersedes_it_has_its_title_and_text_and_no_other_is_opened(scene: Scene) -> None:
    scene.propose(scene.pushed())
    newer = scene.pushed("v1.3.0")
    made = scene.propose(newer)
    assert made
    assert made.number == 1
    assert [(pull["title"], pull["body"]) for pull in scene.pulls] == [(newer.title, newer.body)]


def test_a_run_that_ended_before_the_text_was_changed_is_made_good_by_the_next(scene: Scene) -> None:
    scene.propose(scene.pushed())
    newer = scene.pushed("v1.3.0")
    scene.emulated.fault = lambda request: (500, {"message": "oops"}) if request.method == "PATCH" else None
    with pytest.raises(ForgeFailed, match=r"changing pull request #1 .* failed \(500\)"):
        scene.propose(newer)
    scene.emulated.fault = None
    scene.propose(newer)
    assert scene.pulls[0]["title"] == newer.title


def test_after_one_was_closed_by_somebody_a_new_one_is_opened_that_says_so(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    proposal = scene.pushed()
    scene.propose(proposal)
    scene.emulated.pulls.close(scene.pulls[0])
    made = scene.propose(proposal)
    assert made
    assert (made.number, made.state) == (2, "open")
    assert scene.pulls[1]["body"].startswith("#1 was for the same commit, and was closed without being merged.\n\n## ")
    assert "pull request #1 was for the same commit" in capsys.readouterr().err
    assert scene.propose(proposal) == made


def test_after_one_for_another_commit_was_closed_the_new_one_does_not_speak_of_it(scene: Scene) -> None:
    scene.propose(scene.pushed())
    scene.emulated.pulls.close(scene.pulls[0])
    scene.propose(scene.pushed("v1.3.0"))
    assert "closed" not in scene.pulls[1]["body"]


def test_what_was_merged_meanwhile_is_nothing_to_propose(scene: Scene) -> None:
    proposal = scene.pushed()
    git(scene.remote, "update-ref", "refs/heads/main", proposal.commit)
    assert scene.propose(proposal) is None
    assert scene.pulls == []


def test_after_a_merge_the_next_change_is_another_pull_request(scene: Scene) -> None:
    scene.propose(scene.pushed())
    scene.emulated.pulls.merge(REPOSITORY, scene.pulls[0])
    made = scene.propose(scene.pushed("v1.3.0"))
    assert made
    assert (made.number, made.state) == (2, "open")
    assert "closed" not in scene.pulls[1]["body"]


def test_of_two_at_once_the_second_takes_the_one_that_the_first_opened(scene: Scene) -> None:
    proposal = scene.pushed()

    def faster(request: Request) -> None:
        if request.method == "POST" and not scene.pulls:
            scene.emulated.fault = None
            body = {"head": BRANCH, "base": "main", "title": "the first's", "body": "the first's"}
            names = {"owner": "acme", "repo": "shop"}
            scene.emulated.pulls.routes["POST /repos/{owner}/{repo}/pulls"](
                Request("POST", request.path, {}, body, names)
            )

    scene.emulated.fault = faster
    made = scene.propose(proposal)
    assert made
    assert made.number == 1
    assert [(pull["title"], pull["body"]) for pull in scene.pulls] == [(TITLE, proposal.body)]


def test_a_text_that_is_too_long_is_cut(scene: Scene) -> None:
    proposal = scene.pushed()
    scene.propose(replace(proposal, body=proposal.body + "\n\n```diff\n" + "+ x\n" * 30_000 + "```"))
    assert "… cut here, " in scene.pulls[0]["body"]


def test_a_token_without_the_right_is_told_so(scene: Scene) -> None:
    with pytest.raises(ForgeFailed, match=r"failed \(403\), the token may not: give one with pull-requests: write"):
        scene.propose(scene.pushed(), scene.reading())
    anyio.run(scene.reading().check)
    assert scene.pulls == []


def test_what_asks_for_time_is_asked_again(scene: Scene) -> None:
    busy = iter([(429, {}), (503, {}), (403, {"message": "You have exceeded a secondary rate limit"})])
    scene.emulated.fault = lambda _: next(busy, None)
    scene.emulated.retry_after = "0"
    made = scene.propose(scene.pushed())
    assert made
    assert made.number == 1


def test_what_asks_for_more_time_than_there_is_is_told(scene: Scene) -> None:
    scene.emulated.fault = lambda _: (429, {"message": "API rate limit exceeded"})
    scene.emulated.retry_after = "3600"
    with pytest.raises(ForgeFailed, match="GitHub asks to wait 3600 s: run again then"):
        anyio.run(scene.forge.check)


@pytest.mark.parametrize("answer", [(200, None), (200, {"message": "hello"}), (404, {"message": "Not Found"})])
def test_what_is_no_api_of_github_is_told_before_anything_is_done(scene: Scene, answer: tuple[int, Any]) -> None:
    scene.emulated.fault = lambda _: answer
    with pytest.raises(ForgeFailed, match="reading pull requests at http://localhost/acme/shop failed"):
        anyio.run(scene.forge.check)


def test_auto_merge_is_left_to_github_and_asked_for_once(scene: Scene) -> None:
    proposal = scene.pushed()
    made = scene.propose(proposal, scene.merging())
    assert made
    assert made.state == "open"
    assert scene.pulls[0]["auto_merge"] == {"merge_method": "squash"}
    wanted = scene.emulated.requests[-1].body["variables"]["input"]
    assert wanted["commitHeadline"] == f"{TITLE} (#1)"
    assert wanted["commitBody"].endswith("\n\nPromoted-To: stg")
    scene.asked()
    scene.propose(proposal, scene.merging())
    assert scene.asked() == []


def test_what_has_nothing_to_wait_for_is_merged_at_once_with_the_commits_message(scene: Scene) -> None:
    scene.emulated.pulls.waiting = False
    made = scene.propose(scene.pushed(), scene.merging())
    assert made
    assert (made.state, made.merged) == ("merged", git(scene.remote, "rev-parse", "main"))
    trailers = git(scene.remote, "log", "-1", "--format=%s|%(trailers:key=Promoted-To,valueonly)", "main")
    assert trailers == f"{TITLE} (#1)|stg"
    assert git(scene.remote, "show", "main:overlay") == "v1.2.3"


def test_the_way_of_merging_is_one_that_the_repository_allows(scene: Scene) -> None:
    scene.emulated.pulls.ways = frozenset({"REBASE"})
    scene.propose(scene.pushed(), scene.merging())
    assert scene.pulls[0]["auto_merge"] == {"merge_method": "rebase"}


def test_a_repository_without_auto_merge_is_told_and_the_pull_request_stays(scene: Scene) -> None:
    def fault(request: Request) -> tuple[int, Any] | None:
        if "enablePullRequestAutoMerge" not in ((request.body or {}).get("query") or ""):
            return None
        return 200, {"errors": [{"message": "Auto merge is not allowed for this repository"}]}

    scene.emulated.fault = fault
    with pytest.raises(ForgeFailed, match="auto-merge of pull request #1 .*Auto merge is not allowed"):
        scene.propose(scene.pushed(), scene.merging())
    assert scene.pulls[0]["state"] == "open"
