"""GitHub: pull requests by its REST API, and auto-merge by GraphQL, for REST has none.

https://docs.github.com/rest/pulls/pulls, https://docs.github.com/graphql/reference/mutations#enablepullrequestautomerge
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from .http import Answer, Api, ForgeFailed, refused
from .place import Place
from .pull_request import CLOSED, MERGED, OPEN, Proposal, PullRequest, shortened

_METHODS = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { %s } }"
_ENABLE = """mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { number } }
}"""
# How GitHub may merge, the first that the repository allows. A squash is of this commit's message: its trailers stay.
_WAYS = {"squashMergeAllowed": "SQUASH", "mergeCommitAllowed": "MERGE", "rebaseMergeAllowed": "REBASE"}
_READY = "clean status"  # what it says of auto-merge where nothing is left to wait for


@dataclass(frozen=True, slots=True)
class GitHub:
    """A repository of GitHub, and whether it is to merge what it can."""

    api: Api
    place: Place
    base: str
    auto_merge: bool

    def options(self, message: str) -> list[str]:
        """Return none: GitHub knows no options of a push."""
        del message
        return []

    def address(self, branch: str) -> str:
        """Return where a person opens a pull request for a branch."""
        return self.place.new(self.base, branch)

    async def check(self) -> None:
        """See that pull requests can be read.

        Raises:
            ForgeFailed: they cannot.
        """
        await self._found("")

    async def propose(self, proposal: Proposal, said: str) -> PullRequest | None:
        """Open a pull request, or bring the one that is open up to date; one that was closed stays so.

        Returns:
            The pull request; None if the base has the commit already.
        """
        del said
        found = await self._found(proposal.branch)
        current = next((one for one in found if one["state"] == OPEN), None)
        if current is None:
            current = await self._open(_after_refusal(proposal, found))
        elif not _is_of(current, proposal):
            current = await self._update(current, proposal)
        if current is None:
            return None
        made = PullRequest(proposal.branch, str(current["html_url"]), _state(current), int(current["number"]))
        if self.auto_merge and made.state == OPEN and not current.get("auto_merge"):
            return await self._let_merge(made, str(current["node_id"]), proposal)
        return made

    async def _found(self, branch: str) -> Sequence[dict[str, Any]]:
        """Return the pull requests that there are and were of a branch, the newest first; of no branch, of any."""
        head = {"head": f"{self.place.path.partition('/')[0]}:{branch}"} if branch else {}
        query = {**head, "base": self.base, "state": "all", "sort": "created", "direction": "desc", "per_page": "20"}
        answer = await self._ask("GET", f"pulls?{urlencode(query)}")
        if answer.status != 200 or not isinstance(answer.document, list):
            raise refused("reading pull requests", self.place.page, answer)
        return answer.document

    async def _open(self, proposal: Proposal) -> dict[str, Any] | None:
        """Open a pull request, or take the one that another opened meanwhile; None if there is nothing in it."""
        content = {"head": proposal.branch, "base": self.base, "maintainer_can_modify": False}
        answer = await self._ask("POST", "pulls", {**content, **_text(proposal)})
        if answer.status == 201:
            return _document(answer)
        if answer.status == 422 and "No commits between" in answer.words:
            return None
        if answer.status == 422 and "already exists" in answer.words:
            found = [one for one in await self._found(proposal.branch) if one["state"] == OPEN]
            if found:
                return await self._update(found[0], proposal)
        raise refused("opening a pull request", self.place.page, answer)

    async def _update(self, current: Mapping[str, Any], proposal: Proposal) -> dict[str, Any]:
        answer = await self._ask("PATCH", f"pulls/{current['number']}", _text(proposal))
        if answer.status != 200:
            raise refused(f"changing pull request #{current['number']}", self.place.page, answer)
        return _document(answer)

    async def _let_merge(self, made: PullRequest, node: str, proposal: Proposal) -> PullRequest:
        """Let GitHub merge the commit when it may, in the first way that the repository allows; or at once."""
        doing = f"auto-merge of pull request #{made.number}"
        owner, _, name = self.place.path.partition("/")
        settings = await self._graphql(_METHODS % " ".join(_WAYS), {"owner": owner, "name": name})
        allowed = (_document(settings).get("data") or {}).get("repository") or {}
        way = next((way for key, way in _WAYS.items() if allowed.get(key)), "")
        if settings.status != 200 or not way:
            raise refused(doing, self.place.page, settings)
        wanted = {"pullRequestId": node, "expectedHeadOid": proposal.commit, "mergeMethod": way}
        if way == "SQUASH":
            wanted |= {"commitHeadline": f"{proposal.title} (#{made.number})", "commitBody": _rest(proposal)}
        answer = await self._graphql(_ENABLE, {"input": wanted})
        if answer.status == 200 and not _document(answer).get("errors"):
            return made
        if _READY not in answer.words:
            raise refused(doing, self.place.page, answer)
        merge = {"sha": proposal.commit, "merge_method": way.lower()}
        if way == "SQUASH":
            merge |= {"commit_title": wanted["commitHeadline"], "commit_message": wanted["commitBody"]}
        answer = await self._ask("PUT", f"pulls/{made.number}/merge", merge)
        if answer.status != 200:
            raise refused(f"merging pull request #{made.number}", self.place.page, answer)
        return replace(made, state=MERGED, merged=str(_document(answer).get("sha", "")))

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        return await self.api.ask(method, f"{self.api.address}/repos/{self.place.path}/{path}", body)

    async def _graphql(self, query: str, variables: Mapping[str, Any]) -> Answer:
        return await self.api.ask("POST", self.api.graphql, {"query": query, "variables": variables})


def _state(found: Mapping[str, Any]) -> str:
    """Return the state: GitHub says closed of what is merged, too."""
    return MERGED if found.get("merged_at") else str(found["state"])


def _is_of(found: Mapping[str, Any], proposal: Proposal) -> bool:
    """Tell whether a pull request says what is proposed: its text names the commit."""
    return found.get("title") == proposal.title and proposal.commit in (found.get("body") or "")


def _text(proposal: Proposal) -> dict[str, str]:
    return {"title": proposal.title, "body": shortened(proposal.body)}


def _rest(proposal: Proposal) -> str:
    return proposal.message.partition("\n")[2].strip()


def _after_refusal(proposal: Proposal, found: Sequence[Mapping[str, Any]]) -> Proposal:
    """Say that somebody closed the last pull request for the same commit: whoever merges the next should know."""
    last = found[0] if found else None
    if last is None or _state(last) != CLOSED or (last.get("head") or {}).get("sha") != proposal.commit:
        return proposal
    line = f"#{last['number']} was for the same commit, and was closed without being merged."
    sys.stderr.write(f"pull request {line} A new one is opened.\n")
    return replace(proposal, body=f"{line}\n\n{proposal.body}")


def _document(answer: Answer) -> dict[str, Any]:
    if not isinstance(answer.document, dict) and 200 <= answer.status < 300:
        msg = f"GitHub answers {answer.status}, and no object: is --github-api the address of its API?"
        raise ForgeFailed(msg)
    return answer.document if isinstance(answer.document, dict) else {}
